// Test support: a worker state machine in simulated time, its events and its commands.
#pragma once
#include "local/lifecycle/worker_fsm.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::local {

using namespace std::chrono_literals;
using Answer = WorkerFsm::Answer;

struct Told {
    explicit Told(LifeSettings settings = {}) : life{std::move(settings)} {}

    void tell(WorkerFsm::Event event) {
        WorkerFsm::Commands commands;
        life.on(now, std::move(event), commands);
        for (auto& command : commands) std::visit([&](auto& c) { note(c); }, command);
    }

    // The worker answers at once, as `health` and `completion` say.
    void pass(Duration span) {
        const auto until = now + span;
        answer();
        while (life.wake_at() <= until) {
            now = std::max(now, life.wake_at());
            tell(WorkerFsm::TimePassed{activity});
            answer();
        }
        now = until;
    }
    void answer() {
        while (asked) {
            const auto what = asked->what == WorkerFsm::Look::health ? health : completion;
            if (!what) return;
            const auto look = std::exchange(asked, std::nullopt)->look;
            tell(WorkerFsm::Looked{look, *what, "it yawned", page, activity});
        }
    }
    void wake() { tell(WorkerFsm::Wake{}); }
    void serve() {
        wake();
        pass(10ms);
    }
    void exit(std::string how = "exit status 1", bool out_of_memory = false) {
        asked.reset();
        tell(WorkerFsm::Exited{std::move(how), out_of_memory});
    }
    void suspect(bool has_cuda_error = false) {
        tell(WorkerFsm::Suspected{has_cuda_error, "CUDA error: misaligned address"});
    }

    // The commands since the last call, without probes.
    std::string take() { return std::exchange(commanded, {}); }
    const std::string& last_words() const { return said.back(); }

    TimePoint now{1h};
    WorkerFsm life;
    std::optional<Answer> health = Answer::well;  // Empty: the worker does not answer.
    std::optional<Answer> completion = Answer::well;
    std::string page{};
    EndpointActivity::Reading activity{};

    std::string commanded{};
    std::optional<WorkerFsm::LookAt> asked{};  // The probe that is not answered yet.
    std::vector<std::pair<TimePoint, WorkerFsm::Look>> looks{};
    std::vector<std::string> said{};
    std::string why_shut{};

private:
    void write(const std::string& word) { commanded += (commanded.empty() ? "" : " ") + word; }
    void note(WorkerFsm::Start& c) { write(c.smaller == 0 ? "start" : "start-smaller"); }
    void note(WorkerFsm::LookAt& c) {
        asked = c;
        looks.emplace_back(now, c.what);
    }
    void note(WorkerFsm::Terminate&) { write("term"); }
    void note(WorkerFsm::Kill&) { write("kill"); }
    void note(WorkerFsm::Tell& c) {
        write(
            c.availability == Availability::there  ? "there"
            : c.availability == Availability::gone ? "gone"
                                                   : "shut"
        );
        if (c.availability == Availability::shut) why_shut = c.why;
    }
    void note(WorkerFsm::Say& c) { said.push_back(c.text); }
};

}  // namespace skein::local
