#include "engine/engine.hpp"

#include "support/catch.hpp"
#include "support/scripted_backend.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace skein {
namespace {

using namespace std::chrono_literals;
using test::patience;
using test::Script;

// What was delivered. Outlives the engine, to see that nothing comes afterwards.
class Arrivals {
public:
    void put(Sequence seq, Reply reply) {
        {
            const std::lock_guard lock{mutex_};
            ++times_[seq];
            replies_[seq] = std::move(reply);
            ++count_;
        }
        changed_.notify_all();
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return count_ >= count; });
    }
    std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return count_;
    }
    Reply of(Sequence seq) const {
        const std::lock_guard lock{mutex_};
        return replies_.at(seq);
    }
    bool has(Sequence seq) const {
        const std::lock_guard lock{mutex_};
        return replies_.contains(seq);
    }
    bool each_once() const {
        const std::lock_guard lock{mutex_};
        return std::all_of(times_.begin(), times_.end(), [](auto& t) { return t.second == 1; });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Sequence, Reply> replies_;
    std::map<Sequence, int> times_;
    std::size_t count_ = 0;
};

constexpr BackoffSettings tiny{
    .base = 1us, .max = 1ms, .throttled_base = 1us, .throttled_max = 1ms};

class Bench {
public:
    explicit Bench(
        Script::Answer answer, Dispatcher::Settings settings = {}, std::size_t places = 8
    )
        : script{std::make_shared<Script>(std::move(answer))} {
        watch = std::make_shared<LoopWatch>();
        if (settings.retry.backoff.base == BackoffSettings{}.base) settings.retry.backoff = tiny;
        settings.retry.seed = 7;
        engine = std::make_unique<Engine>(Engine::Parts{
            .desk = Desk{{{.name = "main", .places = places}}, {.in_flight = 64}},
            .settings = settings,
            .backend = [script = script](boost::asio::io_context& loop, Backend::Tell tell)
                -> std::unique_ptr<Backend> {
                return std::make_unique<test::ScriptedBackend>(script, loop, std::move(tell));
            },
            .deliver =
                [inbox = inbox](std::vector<Engine::Delivered> replies) {
                    for (auto& [seq, reply, sink] : replies) inbox->put(seq, std::move(*reply));
                },
            .log = [said = said](LogLevel, std::string_view text) { said->emplace_back(text); },
            .watch = watch.get()});
    }

    void submit(Sequence seq, std::optional<Duration> deadline = {}) {
        auto request = std::make_shared<Prepared>();
        request->deadline = deadline;
        engine->submit({seq, request});
    }
    void submit_all(Sequence first, Sequence last) {
        for (auto seq = first; seq <= last; ++seq) submit(seq);
    }
    FaultKind fault_of(Sequence seq) const {
        const auto reply = inbox->of(seq);
        return reply.fault() ? reply.fault()->kind : FaultKind::internal;
    }
    bool completed(Sequence seq) const {
        return inbox->has(seq) && inbox->of(seq).completion() != nullptr;
    }

    std::shared_ptr<Script> script;
    std::shared_ptr<Arrivals> inbox = std::make_shared<Arrivals>();
    // Written on the control thread; to be read after a `tally`, or after the engine has gone.
    std::shared_ptr<std::vector<std::string>> said = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<LoopWatch> watch;
    std::unique_ptr<Engine> engine;
};

Outcome yes(const Attempt&) { return Completion{.text = "yes"}; }

Outcome only_the_third_try(const Attempt& attempt) {
    if (attempt.number < 3) return Fault{.kind = FaultKind::server_error};
    return Completion{.text = "yes"};
}

// Seldom enough that the endpoint is taken for well.
Outcome now_and_then_the_second_try(const Attempt& attempt) {
    if (attempt.seq % 10 == 3 && attempt.number == 1) {
        return Fault{.kind = FaultKind::server_error};
    }
    return Completion{.text = "yes"};
}

TEST_CASE("The backend is told that no more requests come once no request waits.", "[engine]") {
    Bench bench{yes, {}, 8};
    bench.script->hold();
    bench.submit_all(1, 10);
    REQUIRE(bench.script->wait_until_started(8));
    bench.engine->expect_no_more();
    bench.engine->tally();  // So it has been heard.
    CHECK_FALSE(bench.script->last());
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(10));
    CHECK(bench.script->last() == 10u);
}

TEST_CASE("Requests that are submitted together start in their order.", "[engine]") {
    Bench bench{yes, {}, 1};
    std::vector<Engine::Submitted> together;
    for (Sequence seq = 1; seq <= 50; ++seq) {
        together.push_back({seq, std::make_shared<Prepared>()});
    }
    bench.engine->submit(std::move(together));
    REQUIRE(bench.script->wait_until_started(50));
    Sequence expected = 1;
    for (const auto& attempt : bench.script->started()) CHECK(attempt.seq == expected++);
}

TEST_CASE(
    "Every request is delivered exactly once, whatever the results of its attempts.", "[engine]"
) {
    Bench bench{
        [](const Attempt& attempt) -> Outcome {
            if (attempt.seq % 10 == 3 && attempt.number == 1)
                return Fault{.kind = FaultKind::server_error};
            if (attempt.seq % 5 == 0) return Fault{.kind = FaultKind::rejected};
            return Completion{};
        },
        {.window = 16}};
    bench.submit_all(1, 500);
    REQUIRE(bench.inbox->wait_for(500));
    const auto tally = bench.engine->tally();
    bench.engine.reset();
    CHECK(bench.inbox->count() == 500);
    CHECK(bench.inbox->each_once());
    CHECK(tally.is_consistent());
    CHECK(tally.admitted == 500);
    CHECK(tally.failed == 100);
    CHECK(tally.attempts == bench.script->started().size());
    CHECK(tally.retries == 50);
}

TEST_CASE("A retryable fault is retried after a pause.", "[engine]") {
    Bench bench{only_the_third_try};
    bench.submit(1);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.completed(1));
    CHECK(bench.inbox->of(1).attempts == 3);
    const auto started = bench.script->started();
    REQUIRE(started.size() == 3);
    CHECK(started[0].number == 1);
    CHECK(started[2].number == 3);
    CHECK(started[0].id != started[1].id);
}

TEST_CASE("The loop watch sees a callback that blocks the control loop.", "[engine]") {
    Bench bench{[](const Attempt& attempt) {
        if (attempt.seq == 2) std::this_thread::sleep_for(60ms);
        return yes(attempt);
    }};
    bench.submit_all(1, 2);
    REQUIRE(bench.inbox->wait_for(2));
    bench.engine->tally();  // Its answer comes from a later turn.
    CHECK(bench.watch->max() >= 60ms);
}

TEST_CASE("Requests beyond the window are not admitted until there is room.", "[engine]") {
    Bench bench{yes, {.window = 2}};
    bench.script->hold();
    bench.submit_all(1, 5);
    const auto tally = bench.engine->tally();
    CHECK(tally.admitted == 2);
    CHECK(tally.in_flight == 2);
    CHECK(tally.waiting == 3);
    CHECK(bench.script->started().size() == 2);
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(5));
    CHECK(bench.engine->tally().is_consistent());
    CHECK(bench.engine->tally().max_in_flight <= 2);
}

TEST_CASE("The deadline of a request outside the window has not begun.", "[engine]") {
    Bench bench{yes, {.window = 1}};
    bench.script->hold();
    bench.submit(1, 20ms);
    bench.submit(2, 1h);
    bench.submit(3, 20ms);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.fault_of(1) == FaultKind::deadline);
    REQUIRE(bench.script->wait_until_started(2));
    CHECK_FALSE(bench.inbox->has(3));
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(3));
    CHECK(bench.completed(2));
    CHECK(bench.completed(3));
}

TEST_CASE("A request outside the window can be cancelled and is counted.", "[engine]") {
    Bench bench{yes, {.window = 1}};
    bench.script->hold();
    bench.submit_all(1, 3);
    bench.engine->cancel(2);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.fault_of(2) == FaultKind::cancelled);
    CHECK(bench.inbox->of(2).attempts == 0);
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(3));
    CHECK(bench.completed(1));
    CHECK(bench.completed(3));
    const auto tally = bench.engine->tally();
    CHECK(tally.is_consistent());
    CHECK(tally.admitted == 3);
    CHECK(tally.request_fault(FaultKind::cancelled) == 1);
}

TEST_CASE("Cancelling a request in flight stops it and makes room for the next.", "[engine]") {
    Bench bench{yes, {.window = 1}};
    bench.script->hold();
    bench.submit_all(1, 2);
    REQUIRE(bench.script->wait_until_started(1));
    bench.engine->cancel(1);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.fault_of(1) == FaultKind::cancelled);
    REQUIRE(bench.script->wait_until_started(2));
    bench.engine->cancel(1);  // Gone already, and not an error.
    bench.engine->cancel(99);
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(2));
    CHECK(bench.completed(2));
}

TEST_CASE("Cancelling a request that pauses makes room for the next at once.", "[engine]") {
    const BackoffSettings an_hour{.base = 1h, .max = 1h};
    Bench bench{
        [](const Attempt& attempt) -> Outcome {
            if (attempt.seq == 1) return Fault{.kind = FaultKind::server_error};
            return Completion{};
        },
        {.window = 1, .retry = {.backoff = an_hour}}};
    bench.submit_all(1, 2);
    REQUIRE(bench.script->wait_until_started(1));
    while (bench.engine->tally().in_flight > 0) std::this_thread::yield();
    bench.engine->cancel(1);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.fault_of(1) == FaultKind::cancelled);
    REQUIRE(bench.inbox->wait_for(2));
    CHECK(bench.completed(2));
}

TEST_CASE("An answer that arrived before the cancel is delivered.", "[engine]") {
    Bench bench{yes};
    bench.script->hold();
    bench.script->be_deaf();
    bench.submit(1);
    REQUIRE(bench.script->wait_until_started(1));
    bench.engine->cancel(1);
    CHECK(bench.engine->tally().in_flight == 1);
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.completed(1));
}

TEST_CASE(
    "Cancelling an inbox ends its requests in flight and outside the window only.", "[engine]"
) {
    Bench bench{yes, {.window = 2}};
    bench.script->hold();
    const auto leaves = std::make_shared<skein::Inbox>();
    const auto stays = std::make_shared<skein::Inbox>();
    for (Sequence seq = 1; seq <= 6; ++seq) {
        const auto& inbox = seq % 2 == 0 ? leaves : stays;
        bench.engine->submit({seq, std::make_shared<Prepared>(), {.ticket = {inbox, seq}}});
    }
    REQUIRE(bench.script->wait_until_started(2));
    bench.engine->cancel(leaves);
    REQUIRE(bench.inbox->wait_for(3));
    for (const Sequence seq : {2u, 4u, 6u}) CHECK(bench.fault_of(seq) == FaultKind::cancelled);
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(6));
    for (const Sequence seq : {1u, 3u, 5u}) CHECK(bench.completed(seq));
    CHECK(bench.engine->tally().is_consistent());
}

TEST_CASE("An engine that is halted keeps the sinks of its requests until its end.", "[engine]") {
    Bench bench{yes, {.window = 1}};
    bench.script->hold();
    const auto inbox = std::make_shared<skein::Inbox>();
    for (Sequence seq = 1; seq <= 3; ++seq) {
        bench.engine->submit({seq, std::make_shared<Prepared>(), {.ticket = {inbox, seq}}});
    }
    REQUIRE(bench.script->wait_until_started(1));
    bench.engine->halt();
    CHECK(inbox->take().empty());
    bench.engine.reset();
    CHECK(inbox->take().size() == 3);
    CHECK(bench.inbox->count() == 0);
}

TEST_CASE("StopStarting cancels waiting requests and lets attempts in flight finish.", "[engine]") {
    Bench bench{yes, {.window = 2}, 1};
    bench.script->hold();
    bench.submit_all(1, 4);
    bench.engine->stop_starting();
    REQUIRE(bench.inbox->wait_for(3));
    for (const Sequence seq : {2u, 3u, 4u}) CHECK(bench.fault_of(seq) == FaultKind::cancelled);
    CHECK_FALSE(bench.inbox->has(1));
    bench.script->release();
    REQUIRE(bench.inbox->wait_for(4));
    CHECK(bench.completed(1));
    CHECK(bench.engine->tally().is_consistent());
    CHECK(bench.script->started().size() == 1);
}

TEST_CASE("CancelAll ends requests in flight, in line and outside the window.", "[engine]") {
    Bench bench{yes, {.window = 4}, 2};
    bench.script->hold();
    bench.submit_all(1, 10);
    bench.engine->cancel_all();
    REQUIRE(bench.inbox->wait_for(10));
    for (Sequence seq = 1; seq <= 10; ++seq) CHECK(bench.fault_of(seq) == FaultKind::cancelled);
    const auto tally = bench.engine->tally();
    CHECK(tally.is_consistent());
    CHECK(tally.admitted == 10);
    CHECK(tally.request_fault(FaultKind::cancelled) == 10);
    CHECK(bench.script->started().size() == 2);
}

TEST_CASE("A deadline stops an attempt that does not end by itself.", "[engine]") {
    Bench bench{yes};
    bench.script->hold();
    bench.submit(1, 20ms);
    REQUIRE(bench.inbox->wait_for(1));
    CHECK(bench.fault_of(1) == FaultKind::deadline);
    CHECK(bench.engine->tally().is_consistent());
}

TEST_CASE("Destroying the engine drops attempts in flight and delivers no reply.", "[engine]") {
    Bench bench{yes, {.window = 4}, 2};
    bench.script->hold();
    bench.submit_all(1, 10);
    REQUIRE(bench.script->wait_until_started(2));
    const auto from = Clock::now();
    bench.engine.reset();
    CHECK(Clock::now() - from < 5s);
    CHECK(bench.script->closed());
    bench.script->release();
    CHECK(bench.inbox->count() == 0);
}

TEST_CASE("Destroying the engine does not wait for pauses.", "[engine]") {
    const BackoffSettings an_hour{.base = 1h, .max = 1h};
    Bench bench{
        [](const Attempt&) -> Outcome { return Fault{.kind = FaultKind::server_error}; },
        {.retry = {.backoff = an_hour}}};
    bench.submit_all(1, 10);
    REQUIRE(bench.script->wait_until_started(10));
    const auto from = Clock::now();
    bench.engine.reset();
    CHECK(Clock::now() - from < 5s);
    CHECK(bench.inbox->count() == 0);
}

TEST_CASE("The closing of the only endpoint is logged and ends the waiting requests.", "[engine]") {
    Bench bench{
        [](const Attempt&) -> Outcome { return Fault{.kind = FaultKind::auth, .detail = "401"}; },
        {.window = 2},
        1};
    bench.submit_all(1, 5);
    REQUIRE(bench.inbox->wait_for(5));
    CHECK(bench.fault_of(1) == FaultKind::auth);
    CHECK(bench.fault_of(5) == FaultKind::no_endpoint);
    CHECK(bench.engine->tally().is_consistent());
    bench.engine.reset();
    REQUIRE(bench.said->size() == 1);
    CHECK(bench.said->front().find("main closed") != std::string::npos);
}

TEST_CASE("Many threads may submit, cancel and read the tally at the same time.", "[engine]") {
    Bench bench{now_and_then_the_second_try, {.window = 32}};
    std::vector<std::thread> threads;
    for (Sequence who = 0; who < 8; ++who) {
        threads.emplace_back([&bench, who] {
            for (Sequence i = 0; i < 100; ++i) {
                bench.submit(who * 100 + i);
                if (i % 7 == 0) bench.engine->cancel(who * 100 + i);
            }
        });
    }
    auto tally = bench.engine->tally();
    while (bench.inbox->count() < 400) tally = bench.engine->tally();
    for (auto& thread : threads) thread.join();
    REQUIRE(bench.inbox->wait_for(800));
    tally = bench.engine->tally();
    CHECK(tally.is_consistent());
    CHECK(tally.admitted == 800);
    CHECK(bench.inbox->each_once());
}

}  // namespace
}  // namespace skein
