// Property test: random events in random order never break the laws of the worker state machine.
#include "base/random.hpp"
#include "local/lifecycle/worker_fsm.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace skein::local {
namespace {

using namespace std::chrono_literals;

// A simulated world that sends random events and checks every command.
class World {
public:
    explicit World(std::uint64_t seed)
        : rng_{seed}, is_ours_{!happens(0.2)}, life_{settings(seed)} {}

    // The broken law; empty if none was broken.
    std::string run() {
        for (int i = 0; i < 300 && broken_.empty(); ++i) step();
        tell(WorkerFsm::Stop{});
        // The process ignores SIGTERM here.
        for (int i = 0; i < 20 && broken_.empty() && !life_.is_over(); ++i) {
            if (is_killed_) end();
            if (life_.wake_at() != never) pass_to(life_.wake_at());
        }
        if (!life_.is_over()) law("stopped, it comes to its end");
        return broken_;
    }

private:
    bool happens(double chance) { return rng_.unit() < chance; }
    Duration up_to(Duration max) {
        return Duration{static_cast<Duration::rep>(rng_.unit() * double(max.count()))};
    }

    LifeSettings settings(std::uint64_t seed) {
        LifeSettings settings;
        settings.is_ours = is_ours_;
        settings.startup = happens(0.5) ? 10min : 5s;
        settings.liveness = happens(0.5) ? 5s : 200ms;
        settings.progress = happens(0.3) ? 0s : 60s;
        settings.restarts.starts = happens(0.5) ? 5 : 1000;
        settings.seed = seed;
        return settings;
    }

    void step() {
        const auto what = rng_.unit();
        if (what < 0.35) return pass_to(std::min(life_.wake_at(), now_ + 1h));
        if (what < 0.40) return pass_to(now_ + up_to(happens(0.8) ? 10s : Duration{20min}));
        if (what < 0.75) return answer();
        if (what < 0.80) return tell(WorkerFsm::Wake{});
        if (what < 0.85) return suspect(happens(0.3));
        if (what < 0.89) return tell(WorkerFsm::Due{});
        if (what < 0.895) return tell(WorkerFsm::Stop{});
        if (what < 0.95 || is_killed_) return end();
        activity_.in_flight = static_cast<int>(rng_() % 3);
        activity_.signs += rng_() % 2;
    }

    void pass_to(TimePoint when) {
        now_ = std::max(now_, when);
        tell(WorkerFsm::TimePassed{activity_});
        if (life_.wake_at() <= now_) law("it never wants to be woken again at once");
    }
    void answer() {
        // Mostly the answer to the last probe, sometimes a late one.
        const auto look = happens(0.9) ? look_ : rng_() % (look_ + 1);
        const bool is_well = happens(0.8);
        if (look == look_ && is_well && asked_ == WorkerFsm::Look::completion)
            has_completed_ = true;
        if (look == look_) asked_.reset();
        tell(WorkerFsm::Looked{
            look,
            is_well ? WorkerFsm::Answer::well : WorkerFsm::Answer::silent,
            "why",
            "",
            activity_});
    }
    void suspect(bool has_cuda_error) { tell(WorkerFsm::Suspected{has_cuda_error, "why"}); }
    void end() {
        if (!lives_) return;
        lives_ = is_killed_ = has_completed_ = false;
        terms_ = 0;
        asked_.reset();
        tell(WorkerFsm::Exited{"how", happens(0.2)});
        if (is_there_) law("nobody is sent to who has ended");
    }

    void tell(WorkerFsm::Event event) {
        is_stopped_ = is_stopped_ || std::holds_alternative<WorkerFsm::Stop>(event);
        WorkerFsm::Commands commands;
        life_.on(now_, std::move(event), commands);
        for (auto& command : commands) std::visit([this](auto& c) { check(c); }, command);
        const bool waits = life_.wake_at() != never || asked_ || is_killed_;
        if (lives_ && !waits) law("a process is never forgotten");
        if (is_stopped_ && life_.is_over() == lives_) law("it is over when nothing of it lives");
    }

    void check(const WorkerFsm::Start& c) {
        if (lives_) law("no process is started while another lives");
        if (!is_ours_) law("what is not ours is not started");
        if (is_stopped_ || is_shut_) law("nothing is started after the end");
        if (c.smaller < smaller_ || c.smaller > 1) law("it gets smaller once");
        smaller_ = c.smaller;
        lives_ = true;
    }
    void check(const WorkerFsm::LookAt& c) {
        if (is_ours_ && !lives_) law("what has ended is not looked at");
        if (is_stopped_ || is_shut_) law("nothing is looked at after the end");
        if (is_killed_ || terms_ > 0) law("what is to end is not looked at");
        if (c.look <= look_) law("every look has a number of its own");
        look_ = c.look;
        asked_ = c.what;
    }
    void check(const WorkerFsm::Terminate&) {
        if (!lives_ || is_killed_) law("only what lives is asked to end");
        if (++terms_ > 2) law("it is asked twice at most");
    }
    void check(const WorkerFsm::Kill&) {
        if (!lives_) law("only what lives is killed");
        if (is_killed_) law("it is killed once");
        is_killed_ = true;
        asked_.reset();
    }
    void check(const WorkerFsm::Tell& c) {
        if (is_shut_) law("after `shut` there is no more news");
        switch (c.availability) {
            case Availability::there:
                if (is_there_) law("`there` is not told twice");
                if (is_stopped_) law("nobody is there after the end");
                if (is_killed_ || terms_ > 0) law("who is to end is not there");
                if (is_ours_ && !has_completed_) law("who is there has answered a question");
                break;
            case Availability::gone:
                if (!is_there_) law("`gone` is told of who was there");
                break;
            case Availability::shut:
                if (is_there_) law("who was there is gone before it is shut");
                is_shut_ = true;
        }
        is_there_ = c.availability == Availability::there;
    }
    void check(const WorkerFsm::Say& c) {
        if (c.text.empty()) law("what is said has words");
    }

    void law(const std::string& broken) {
        if (broken_.empty()) broken_ = broken;
    }

    SplitMix rng_;
    bool is_ours_;
    WorkerFsm life_;
    TimePoint now_{1h};
    EndpointActivity::Reading activity_{};
    bool lives_ = false;
    bool is_killed_ = false;
    int terms_ = 0;
    int smaller_ = 0;
    std::uint64_t look_ = 0;
    std::optional<WorkerFsm::Look> asked_{};
    bool has_completed_ = false;  // This process has answered a completion.
    bool is_there_ = false;       // The availability that was reported last.
    bool is_stopped_ = false;
    bool is_shut_ = false;
    std::string broken_{};
};

}  // namespace

TEST_CASE("The laws of the worker state machine hold for random events.", "[worker]") {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        CAPTURE(seed);
        REQUIRE(World{seed}.run() == "");
    }
}

}  // namespace skein::local
