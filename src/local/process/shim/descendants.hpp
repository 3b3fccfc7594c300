// Finds and kills all descendants of the shim. The shim is a subreaper (PR_SET_CHILD_SUBREAPER): an
// orphaned descendant becomes its child. So while any descendant is alive, at least one of them is
// a child of the shim, and `waitpid` tells when none is left.
#pragma once
#include "local/process/proc_stat.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/wait.h>

namespace skein::local::keeper {

class Descendants {
public:
    Descendants() = default;
    Descendants(const Descendants&) = delete;
    Descendants& operator=(const Descendants&) = delete;
    ~Descendants() { std::free(processes_); }

    // Kills all present descendants. False if there are none.
    bool kill() {
        look();
        mark();
        bool any = false;
        for (std::size_t i = 0; i < count_; ++i) {
            if (!processes_[i].below) continue;
            any = true;
            const int process = open_process(processes_[i].stat.identity);
            if (process < 0) continue;
            send_signal(process, SIGKILL);
            ::close(process);
        }
        return any;
    }

private:
    struct Process {
        ProcStat stat;
        bool below;
    };

    void look() {
        count_ = 0;
        each_process([this](const ProcStat& stat) {
            if (count_ == room_ && !grow()) return;
            processes_[count_++] = {stat, stat.parent == ::getpid()};
        });
    }

    bool grow() {
        const auto room = room_ == 0 ? 1024 : 2 * room_;
        void* grown = std::realloc(processes_, room * sizeof(Process));
        if (!grown) return false;
        processes_ = static_cast<Process*>(grown);
        room_ = room;
        return true;
    }

    void mark() {
        bool more = true;
        while (more) {
            more = false;
            for (std::size_t i = 0; i < count_; ++i) {
                if (processes_[i].below || !is_below(processes_[i].stat.parent)) continue;
                processes_[i].below = more = true;
            }
        }
    }

    // A binary search: /proc lists processes in the order of their pids.
    bool is_below(pid_t pid) const {
        const Process* begin = processes_;
        const auto* end = begin + count_;
        const auto* found = std::lower_bound(begin, end, pid, [](const Process& p, pid_t pid) {
            return p.stat.identity.pid < pid;
        });
        return found != end && found->stat.identity.pid == pid && found->below;
    }

    Process* processes_ = nullptr;
    std::size_t count_ = 0;
    std::size_t room_ = 0;
};

// Reaps all zombies among the children; the wait status of `engine` goes to `status`. False if
// there is no child any more.
inline bool bury_the_dead(pid_t engine, int& status) {
    for (;;) {
        int how = 0;
        const auto pid = ::waitpid(-1, &how, WNOHANG);
        if (pid == engine && pid > 0) status = how;
        if (pid == 0) return true;
        if (pid < 0 && errno != EINTR) return false;
    }
}

// Kills all descendants and returns when none is left.
inline void kill_everything(pid_t engine, int& status) {
    Descendants descendants;
    while (bury_the_dead(engine, status)) {
        // At least one of the killed processes is a child, so this wait ends. A process that was
        // forked or orphaned during the scan is found in the next round.
        siginfo_t info{};
        if (descendants.kill()) ::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    }
}

}  // namespace skein::local::keeper
