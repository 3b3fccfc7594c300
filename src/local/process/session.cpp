#include "local/process/session.hpp"

#include "local/process/descriptor.hpp"
#include "local/process/proc_stat.hpp"

#include <cerrno>
#include <poll.h>
#include <vector>

namespace skein::local {
namespace {

constexpr int patience_ms = 5000;

std::vector<Descriptor> living_in(pid_t session) {
    std::vector<Descriptor> processes;
    each_process([&](const ProcStat& stat) {
        if (stat.session != session || stat.state == 'Z') return;
        Descriptor process{open_process(stat.identity)};
        if (process.is_open()) processes.push_back(std::move(process));
    });
    return processes;
}

}  // namespace

bool has_news_within_seconds(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    for (;;) {
        const int ready = ::poll(&waiting, 1, patience_ms);
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

void end_session(pid_t session) {
    for (;;) {
        // Repeated until none is found, because processes may fork in the meantime.
        const auto processes = living_in(session);
        if (processes.empty()) return;
        for (const auto& process : processes) send_signal(process.number(), SIGKILL);
        for (const auto& process : processes) {
            if (!has_news_within_seconds(process.number())) return;
        }
    }
}

}  // namespace skein::local
