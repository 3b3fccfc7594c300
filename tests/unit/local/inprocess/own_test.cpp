#include "local/inprocess/own.hpp"

#include "support/catch.hpp"
#include "unit/local/inprocess/own_bench.hpp"

#include <algorithm>
#include <latch>
#include <stdexcept>

namespace skein {
namespace {

using namespace test;
using Catch::Contains;
using Strings = std::vector<std::string>;

Said cuda_error(const Request&, const Model::OnChunk&, std::stop_token) {
    return Fault{
        .kind = FaultKind::server_error,
        .detail = "CUDA error: an illegal memory access was encountered"};
}

// Fails with this answer for the prompt `die`, and answers every other prompt.
Complete mortal(Complete death) {
    return [death](const Request& request, const Model::OnChunk& on_chunk, std::stop_token stop) {
        const bool dies = request.messages.at(0).content == "die";
        return dies ? death(request, on_chunk, stop) : echo(request, on_chunk, stop);
    };
}

TEST_CASE(
    "A model is loaded once for each worker, on the worker's device and thread.", "[backend]"
) {
    const auto seen = std::make_shared<Seen>();
    {
        OwnBench bench{OwnBench::plan_of(echo, 2, seen)};
        CHECK(seen->made.count() == 0);
        std::thread{[&] { bench.wake(); }}.join();
        REQUIRE(bench.wake_and_wait(2));
        for (std::uint64_t id = 1; id <= 6; ++id) bench.start(id, id % 2);
        REQUIRE(bench.done.wait_for(6));
        for (const auto& one : bench.done.all()) CHECK(text_of(*one.result) == "hello");
    }
    REQUIRE(seen->made.count() == 2);
    CHECK(seen->asked.count() == 6);
    CHECK(seen->destroyed.count() == 2);
    const auto made = seen->made.all();
    CHECK(made[0].device + made[1].device == 1);
    CHECK(made[0].thread != made[1].thread);
    const auto on_its_thread = [&](const Seen::Moment& moment) {
        return std::ranges::any_of(made, [&](const auto& one) {
            return one.device == moment.device && one.thread == moment.thread;
        });
    };
    CHECK(std::ranges::all_of(seen->current.all(), on_its_thread));
    CHECK(std::ranges::all_of(seen->asked.all(), on_its_thread));
    CHECK(std::ranges::all_of(seen->destroyed.all(), on_its_thread));
}

TEST_CASE("An attempt goes to the worker of its endpoint.", "[backend]") {
    const auto seen = std::make_shared<Seen>();
    OwnBench bench{OwnBench::plan_of(echo, 3, seen)};
    REQUIRE(bench.wake_and_wait(3));
    auto there = bench.there.all();
    std::ranges::sort(there);
    CHECK(there == std::vector<EndpointIndex>{3, 4, 5});
    bench.start(1, 2);
    REQUIRE(bench.done.wait_for(1));
    CHECK(seen->asked.all().at(0).device == 2);
}

TEST_CASE(
    "Two workers answer at the same time, and one model answers one request at a time.", "[backend]"
) {
    std::latch both{2};
    std::atomic<int> busy{0};
    std::atomic<int> max{0};
    OwnBench bench{OwnBench::plan_of(
        [&](const Request& request, const Model::OnChunk& on_chunk, std::stop_token stop) {
            max = std::max<int>(max, ++busy);
            if (request.messages[0].content == "together") both.arrive_and_wait();
            --busy;
            return echo(request, on_chunk, stop);
        },
        2
    )};
    REQUIRE(bench.wake_and_wait(2));
    bench.start(1, 0, {.prompt = "together"});
    bench.start(2, 1, {.prompt = "together"});
    REQUIRE(bench.done.wait_for(2));
    CHECK(max == 2);
    max = 0;
    for (std::uint64_t id = 3; id <= 8; ++id) bench.start(id, 0);
    REQUIRE(bench.done.wait_for(8));
    CHECK(max == 1);
    const auto done = bench.done.all();
    for (std::uint64_t id = 3; id <= 8; ++id) CHECK(done[id - 1].id == AttemptId{id});
}

TEST_CASE("A queued attempt ends at once when it is stopped.", "[backend]") {
    OwnBench bench{OwnBench::plan_of(wait_for_stop, 1)};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1);
    bench.start(2);
    bench.start(3);
    bench.stop(3);
    bench.stop(2);
    bench.stop(77);
    REQUIRE(bench.done.wait_for(2));
    CHECK(bench.story.all() == Strings{"there", "3 cancelled", "2 cancelled"});
    CHECK_FALSE(bench.result_of(2, 2).sent);
    bench.stop(1);
    REQUIRE(bench.done.wait_for(3));
    CHECK_FALSE(bench.told_from_inside);
}

TEST_CASE("A model that is told to stop does not deliver a partial answer.", "[backend]") {
    const auto seen = std::make_shared<Seen>();
    OwnBench bench{OwnBench::plan_of(wait_for_stop, 1, seen)};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1);
    REQUIRE(seen->asked.wait_for(1));
    bench.stop(1);
    bench.stop(1);
    const auto result = bench.result_of(1);
    CHECK(text_of(result) == "cancelled");
    CHECK(result.sent);
    bench.close();
    CHECK(bench.done.count() == 1);
    CHECK(seen->made.count() == 1);
}

TEST_CASE("An answer in several pieces has its timings and reports its beginning.", "[backend]") {
    const auto in_pieces = [](const Request&, const Model::OnChunk& on_chunk, std::stop_token) {
        for (const auto* piece : {"", "he", "llo"}) on_chunk(piece);
        return Said{Completion{}};
    };
    auto plan = OwnBench::plan_of(in_pieces, 1);
    plan.hedging = true;
    OwnBench bench{plan};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1, 0, {.prompt = "x", .stream = true});
    auto result = bench.result_of(1);
    CHECK(text_of(result) == "hello");
    CHECK(result.sent);
    CHECK_THAT(std::get<Completion>(result.outcome).body, Contains(R"("id":"local-0-1")"));
    CHECK(bench.began.all() == std::vector{AttemptId{1}});
    CHECK(result.trail.started <= result.trail.first_byte);
    CHECK(result.trail.first_byte == result.trail.first_chunk);
    CHECK(result.trail.first_chunk <= result.trail.last_byte);

    bench.start(2);  // A request without streaming has no first token.
    CHECK(bench.result_of(2, 2).trail.first_chunk == never);
}

TEST_CASE("An answer in one piece begins when it ends.", "[backend]") {
    OwnBench bench{OwnBench::plan_of(echo, 1)};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1, 0, {.prompt = "x", .stream = true});
    const auto trail = bench.result_of(1).trail;
    CHECK(trail.first_byte == trail.last_byte);
    CHECK(trail.first_chunk == never);
    CHECK(bench.began.count() == 0);
}

TEST_CASE("The beginning of an answer is not reported without hedging.", "[backend]") {
    OwnBench bench{OwnBench::plan_of(
        [](const Request&, const Model::OnChunk& on_chunk, std::stop_token) {
            on_chunk("hello");
            return Said{Completion{}};
        },
        1
    )};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1);
    CHECK(text_of(bench.result_of(1)) == "hello");
    CHECK(bench.began.count() == 0);
}

TEST_CASE("A refusal by a model is the answer to the request.", "[backend]") {
    const auto seen = std::make_shared<Seen>();
    OwnBench bench{OwnBench::plan_of(
        [](const Request&, const Model::OnChunk&, std::stop_token) {
            return Said{Fault{
                .kind = FaultKind::context_exceeded,
                .detail = "9 tokens do not fit",
                .remote_message = "CUDA out of memory"}};
        },
        1,
        seen
    )};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1);
    bench.start(2);
    CHECK(text_of(bench.result_of(2, 2)) == "context_exceeded");
    CHECK(detail_of(bench.result_of(1, 2)) == "9 tokens do not fit");
    CHECK(seen->made.count() == 1);
}

TEST_CASE("A lost model is loaded again, whether by a fault or by an exception.", "[backend]") {
    struct Case {
        Complete death;
        std::string detail;
    };
    const std::vector<Case> cases{
        {cuda_error, "CUDA error: an illegal memory access"},
        {[](auto&&...) -> Said { throw std::runtime_error{"no luck"}; },
         "it threw an exception: no luck"},
        {[](auto&&...) -> Said { throw 7; }, "of an unknown kind"},
        {[](auto&&...) -> Said { return Fault{.kind = FaultKind::worker_died}; }, "it said so"},
        {[](auto&&...) -> Said {
             return Fault{
                 .kind = FaultKind::rejected, .remote_message = "device-side assert triggered"};
         },
         "device-side assert triggered"},
    };
    for (const auto& [death, detail] : cases) {
        const auto seen = std::make_shared<Seen>();
        OwnBench bench{OwnBench::plan_of(mortal(death), 1, seen)};
        REQUIRE(bench.wake_and_wait(1));
        bench.start(1, 0, {.prompt = "die"});
        const auto result = bench.result_of(1);
        CHECK(text_of(result) == "worker_died");
        CHECK_THAT(detail_of(result), Contains("the local model is lost: ") && Contains(detail));
        REQUIRE(bench.there.wait_for(2));
        bench.start(2);
        CHECK(text_of(bench.result_of(2, 2)) == "hello");
        CHECK(
            bench.story.all() == Strings{"there", "gone", "1 worker_died", "there", "2 answered"}
        );
        CHECK(seen->made.count() == 2);
        CHECK(seen->destroyed.count() == 1);
        CHECK(seen->current.count() == 1);
        REQUIRE(bench.log.count() == 3);
        CHECK_THAT(bench.log.all()[1], Contains("worker=local-0 ") && Contains(detail));
    }
}

TEST_CASE("A queued attempt of a lost model is handed back as never asked.", "[backend]") {
    std::latch all_wait{2};
    OwnBench bench{OwnBench::plan_of(
        mortal([&](const Request& request, const Model::OnChunk& on_chunk, std::stop_token stop) {
            all_wait.arrive_and_wait();
            return cuda_error(request, on_chunk, stop);
        }),
        1
    )};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1, 0, {.prompt = "die"});
    bench.start(2);
    bench.start(3);
    all_wait.arrive_and_wait();
    REQUIRE(bench.there.wait_for(2));
    CHECK(
        bench.story.all() ==
        Strings{"there", "gone", "2 not_ready", "3 not_ready", "1 worker_died", "there"}
    );
    CHECK_FALSE(bench.result_of(2, 3).sent);
    CHECK(bench.result_of(1, 3).sent);
}

TEST_CASE("An attempt at a worker without a model comes back as never asked.", "[backend]") {
    OwnBench bench{OwnBench::plan_of(echo, 1)};
    bench.start(1);
    const auto result = bench.result_of(1);
    CHECK(text_of(result) == "not_ready");
    CHECK_FALSE(result.sent);
    CHECK_FALSE(bench.told_from_inside);
}

TEST_CASE("A model that cannot be loaded is given up with the reason.", "[backend]") {
    using Made = Expected<std::unique_ptr<Model>, std::string>;
    struct Case {
        std::function<Made()> make;
        std::string why;
    };
    const std::vector<Case> cases{
        {[]() -> Made { return std::string{"no weights\nat all"}; }, "no weights\\u000aat all"},
        {[]() -> Made { throw std::runtime_error{"no weights"}; }, "it threw an exception: no"},
        {[]() -> Made { return std::unique_ptr<Model>{}; }, "the factory gave no model"},
        {[]() -> Made { return std::string{}; }, "the factory gave no reason"},
    };
    for (const auto& [make, why] : cases) {
        auto plan = OwnBench::plan_of(echo, 1);
        std::atomic<int> starts{0};
        plan.factory = [&, make = make](const Device&) {
            ++starts;
            return make();
        };
        OwnBench bench{plan};
        bench.wake();
        REQUIRE(bench.shut.wait_for(1));
        CHECK(starts == 5);
        const auto news = bench.shut.all().front();
        CHECK(news.endpoint == OwnBench::first);
        CHECK_THAT(news.why, Contains("given up after 5 starts; the last: " + why));
        CHECK(bench.story.all() == Strings{"shut"});
        bench.start(1);
        CHECK(text_of(bench.result_of(1)) == "not_ready");
    }
}

TEST_CASE("A model that is lost again and again is given up.", "[backend]") {
    const auto seen = std::make_shared<Seen>();
    OwnBench bench{OwnBench::plan_of(cuda_error, 2, seen)};
    REQUIRE(bench.wake_and_wait(2));
    for (std::uint64_t id = 1; id <= 5; ++id) {
        REQUIRE(bench.there.wait_for(id + 1));
        bench.start(id, 1);
        REQUIRE(bench.done.wait_for(id));
    }
    REQUIRE(bench.shut.wait_for(1));
    CHECK_THAT(bench.shut.all().front().why, Contains("5 starts") && Contains("CUDA error"));
    CHECK(seen->made.count() == 6);
}

TEST_CASE("A device that cannot be used is reported with its name.", "[backend]") {
    auto plan = OwnBench::plan_of(echo, 1);
    plan.make_current = [](int) { return std::optional<std::string>{"cuInit: no device"}; };
    OwnBench bench{plan};
    bench.wake();
    REQUIRE(bench.shut.wait_for(1));
    CHECK_THAT(bench.shut.all().front().why, Contains("cannot use GPU 0: cuInit: no device"));
}

TEST_CASE(
    "A model is recycled after its number of requests, and this is no failure.", "[backend]"
) {
    const auto seen = std::make_shared<Seen>();
    auto plan = OwnBench::plan_of(mortal(cuda_error), 1, seen);
    plan.recycle_after = 2;
    plan.restarts.starts = 2;
    OwnBench bench{plan};
    bench.wake();
    for (std::uint64_t id = 1; id <= 8; id += 2) {
        REQUIRE(bench.there.wait_for(id / 2 + 1));
        bench.start(id);
        REQUIRE(bench.done.wait_for(id));
        bench.start(id + 1);
        REQUIRE(bench.done.wait_for(id + 1));
    }
    REQUIRE(bench.there.wait_for(5));
    CHECK(seen->made.count() == 5);
    CHECK(seen->destroyed.count() == 4);
    const auto story = bench.story.all();
    CHECK(
        Strings(story.begin(), story.begin() + 5) ==
        Strings{"there", "1 answered", "2 answered", "gone", "there"}
    );
    bench.start(9, 0, {.prompt = "die"});  // Counts as the first failure, not as the sixth.
    CHECK(bench.there.wait_for(6));
    CHECK(bench.shut.count() == 0);
}

TEST_CASE("Queued attempts are served before their model is recycled.", "[backend]") {
    std::latch all_wait{2};
    auto plan = OwnBench::plan_of(
        mortal([&](const Request& request, const Model::OnChunk& on_chunk, std::stop_token stop) {
            all_wait.arrive_and_wait();
            return echo(request, on_chunk, stop);
        }),
        1
    );
    plan.recycle_after = 1;
    OwnBench bench{plan};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1, 0, {.prompt = "die"});
    bench.start(2);
    all_wait.arrive_and_wait();
    REQUIRE(bench.there.wait_for(2));
    CHECK(bench.story.all() == Strings{"there", "1 answered", "gone", "2 answered", "there"});
}

TEST_CASE("A pause before the next start ends when the backend is closed.", "[backend]") {
    auto plan = OwnBench::plan_of(echo, 1);
    plan.factory = [](const Device&) -> Expected<std::unique_ptr<Model>, std::string> {
        return std::string{"no weights"};
    };
    plan.restarts = {.first = std::chrono::hours{1}, .max = std::chrono::hours{1}};
    plan.max_close = std::chrono::hours{1};
    OwnBench bench{plan};
    bench.wake();
    REQUIRE(bench.log.wait_for(1));
    bench.close();
    CHECK(bench.story.count() == 0);
}

TEST_CASE(
    "A model that obeys a stop is ended by close, and nothing is reported afterwards.", "[backend]"
) {
    const auto seen = std::make_shared<Seen>();
    auto plan = OwnBench::plan_of(wait_for_stop, 1, seen);
    plan.max_close = std::chrono::hours{1};
    OwnBench bench{plan};
    REQUIRE(bench.wake_and_wait(1));
    bench.start(1);
    bench.start(2);
    REQUIRE(seen->asked.wait_for(1));
    bench.close();
    CHECK(seen->destroyed.count() == 1);
    CHECK(seen->asked.count() == 1);
    CHECK(bench.done.count() == 0);
}

// A model that does not return until the test allows it.
struct Deaf {
    std::promise<void> go;
    std::shared_future<void> gone_on{go.get_future()};
};

TEST_CASE(
    "A model that ignores a stop is left behind and destroyed on its own thread.", "[backend]"
) {
    const auto seen = std::make_shared<Seen>();
    Deaf deaf;
    {
        auto plan = OwnBench::plan_of(
            [until = deaf.gone_on](auto&&...) -> Said {
                until.wait();
                throw std::runtime_error{"woken"};
            },
            1,
            seen
        );
        plan.max_close = std::chrono::milliseconds{1};
        plan.hedging = true;
        OwnBench bench{plan};
        REQUIRE(bench.wake_and_wait(1));
        bench.start(1);
        bench.start(2);
        REQUIRE(seen->asked.wait_for(1));
        bench.close();
        CHECK(seen->destroyed.count() == 0);
        CHECK(bench.done.count() == 0);
        CHECK_THAT(bench.log.all().back(), Contains("worker=local-0") && Contains("left behind"));
    }
    deaf.go.set_value();
    REQUIRE(seen->destroyed.wait_for(1));
    CHECK(seen->destroyed.all()[0].thread == seen->made.all()[0].thread);
    CHECK(seen->asked.count() == 1);
}

TEST_CASE("A model that is still being loaded is left behind by close.", "[backend]") {
    const auto seen = std::make_shared<Seen>();
    Deaf deaf;
    {
        auto plan = OwnBench::plan_of(echo, 1, seen);
        plan.factory = [until = deaf.gone_on, make = plan.factory](const Device& device) {
            auto model = make(device);
            until.wait();
            return model;
        };
        plan.max_close = std::chrono::milliseconds{1};
        OwnBench bench{plan};
        bench.wake();
        REQUIRE(seen->made.wait_for(1));
        bench.close();
        CHECK(bench.there.count() == 0);
    }
    deaf.go.set_value();
    REQUIRE(seen->destroyed.wait_for(1));
}

}  // namespace
}  // namespace skein
