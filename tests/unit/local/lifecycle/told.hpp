// A worker's life in simulated time: what it is told, and what it commands.
#pragma once
#include "local/lifecycle/life.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::worker {

using namespace std::chrono_literals;
using Answer = Life::Answer;

struct Told {
    explicit Told(LifeSettings settings = {}) : life{std::move(settings)} {}

    void tell(Life::Event event) {
        Life::Commands commands;
        life.on(now, std::move(event), commands);
        for (auto& command : commands) std::visit([&](auto& c) { note(c); }, command);
    }

    // The worker answers at once, as `health` and `completion` say.
    void pass(Duration span) {
        const auto until = now + span;
        answer();
        while (life.wake_at() <= until) {
            now = std::max(now, life.wake_at());
            tell(Life::TimePassed{pulse});
            answer();
        }
        now = until;
    }
    void answer() {
        while (asked) {
            const auto what = asked->what == Life::Look::health ? health : completion;
            if (!what) return;
            const auto look = std::exchange(asked, std::nullopt)->look;
            tell(Life::Looked{look, *what, "it yawned", page, pulse});
        }
    }
    void wake() { tell(Life::Wake{}); }
    void serve() {
        wake();
        pass(10ms);
    }
    void exit(std::string how = "exit status 1", bool out_of_memory = false) {
        asked.reset();
        tell(Life::Exited{std::move(how), out_of_memory});
    }
    void suspect(bool has_cuda_error = false) {
        tell(Life::Suspected{has_cuda_error, "CUDA error: misaligned address"});
    }

    // What was commanded since, but for the looks.
    std::string take() { return std::exchange(commanded, {}); }
    const std::string& last_words() const { return said.back(); }

    TimePoint now{1h};
    Life life;
    std::optional<Answer> health = Answer::well;  // Nothing: it does not answer.
    std::optional<Answer> completion = Answer::well;
    std::string page{};
    Pulse::Reading pulse{};

    std::string commanded{};
    std::optional<Life::LookAt> asked{};  // And not yet answered.
    std::vector<std::pair<TimePoint, Life::Look>> looks{};
    std::vector<std::string> said{};
    std::string why_shut{};

private:
    void write(const std::string& word) { commanded += (commanded.empty() ? "" : " ") + word; }
    void note(Life::Start& c) { write(c.smaller == 0 ? "start" : "start-smaller"); }
    void note(Life::LookAt& c) {
        asked = c;
        looks.emplace_back(now, c.what);
    }
    void note(Life::Terminate&) { write("term"); }
    void note(Life::Kill&) { write("kill"); }
    void note(Life::Tell& c) {
        write(
            c.standing == Standing::there  ? "there"
            : c.standing == Standing::gone ? "gone"
                                           : "shut"
        );
        if (c.standing == Standing::shut) why_shut = c.why;
    }
    void note(Life::Say& c) { said.push_back(c.text); }
};

}  // namespace skein::worker
