// A backend without a network: attempts come to what a test says, when it says so.
#pragma once
#include "backend/backend.hpp"
#include "support/gathered.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace skein::test {

// What the backend is to answer, and what was asked of it. Shared by both; any thread.
class Script {
public:
    using Answer = std::function<Outcome(const Attempt&)>;

    explicit Script(Answer answer = [](const Attempt&) { return Completion{.text = "yes"}; })
        : answer_{std::move(answer)} {}

    // Attempts started from now on are answered by `release` only.
    void hold() {
        change([&] { holding_ = true; });
    }

    // Being told to stop changes nothing: the answer was there first.
    void be_deaf() {
        change([&] { deaf_ = true; });
    }

    // Answers all that are held, and holds no more.
    void release() {
        std::map<AttemptId, Attempt> held;
        Backend::Tell tell;
        change([&] {
            holding_ = false;
            held.swap(held_);
            tell = tell_;
        });
        for (const auto& [id, attempt] : held) {
            if (tell) tell({AttemptDone{id, result_of(attempt)}});
        }
    }

    // False if it takes too long.
    bool wait_until_started(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return started_.size() >= count; });
    }

    std::vector<Attempt> started() const {
        const std::lock_guard lock{mutex_};
        return started_;
    }
    bool closed() const {
        const std::lock_guard lock{mutex_};
        return closed_;
    }
    // How many had started when it heard that no more will; nothing if it has not heard.
    std::optional<std::size_t> last() const {
        const std::lock_guard lock{mutex_};
        return last_;
    }

private:
    friend class ScriptedBackend;

    template <class Call>
    void change(Call call) {
        {
            const std::lock_guard lock{mutex_};
            call();
        }
        changed_.notify_all();
    }

    AttemptResult result_of(const Attempt& attempt) const {
        const auto now = Clock::now();
        return {answer_(attempt), {now, now, now, now}, true};
    }

    const Answer answer_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Attempt> started_;
    std::map<AttemptId, Attempt> held_;
    Backend::Tell tell_;  // Empty before there is a backend, and after it was closed.
    bool holding_ = false;
    bool deaf_ = false;
    bool closed_ = false;
    std::optional<std::size_t> last_;
};

class ScriptedBackend final : public Backend {
public:
    ScriptedBackend(std::shared_ptr<Script> script, boost::asio::io_context& loop, Tell tell)
        : script_{std::move(script)}, loop_{loop} {
        script_->change([&] { script_->tell_ = std::move(tell); });
    }
    ~ScriptedBackend() override { close(); }

    void start(Attempt attempt) override {
        bool held = false;
        script_->change([&] {
            script_->started_.push_back(attempt);
            held = script_->holding_;
            if (held) script_->held_.emplace(attempt.id, attempt);
        });
        if (!held) tell(attempt.id, script_->result_of(attempt));
    }

    void stop(AttemptId id) override {
        bool stopped = false;
        script_->change([&] { stopped = !script_->deaf_ && script_->held_.erase(id) == 1; });
        if (stopped) tell(id, {Fault{.kind = FaultKind::cancelled}, {}, true});
    }

    void expect_no_more() override {
        script_->change([&] { script_->last_ = script_->started_.size(); });
    }

    void close() override {
        script_->change([&] {
            script_->closed_ = true;
            script_->held_.clear();
            script_->tell_ = {};
        });
    }

private:
    // Not from inside `start` and `stop`, as promised.
    void tell(AttemptId id, AttemptResult result) {
        boost::asio::post(loop_, [script = script_, id, result = std::move(result)]() mutable {
            Tell told;
            script->change([&] { told = script->tell_; });
            if (told) told({AttemptDone{id, std::move(result)}});
        });
    }

    std::shared_ptr<Script> script_;
    boost::asio::io_context& loop_;
};

}  // namespace skein::test
