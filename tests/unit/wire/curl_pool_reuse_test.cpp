// Kept connections: reused, found dead, and never the cause of an uncounted resend.
#include "wire_bench.hpp"

#include <random>

using namespace skein;
using namespace skein::test;

namespace {

// Answers the first request of a connection, reads the second, and hangs up on it.
RawServer::Script hangs_up_on_the_second(bool reset) {
    return [reset](Line& line) {
        if (!line.read_request() || !line.write(answer("ok"))) return;
        line.read_request();
        if (reset) line.reset();
    };
}

// Answers the first request of its first connection, and hangs up when so much of the second has
// been read. What is unread makes that a reset; a half close is an end instead.
RawServer::Script dies_under_the_second(std::size_t reads, bool half) {
    return [reads, half](Line& line) {
        if (line.number > 1) return always(answer("fine"))(line);
        if (!line.read_request() || !line.write(answer("ok"))) return;
        if (!line.coming() || !line.read_part(reads) || !half) return;
        line.half_close();
        line.gone();
    };
}

}  // namespace

TEST_CASE("Consecutive exchanges share one connection.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    const auto target = target_to(server.url());
    for (int i = 0; i < 20; ++i) {
        const auto told = bench.run(target);
        CHECK_FALSE(told->fault());
        CHECK(told->ending().reused_connection == (i > 0));
    }
    CHECK(server.connections() == 1);
    CHECK(bench.curl_pool->open_sockets() == 1);
}

TEST_CASE("After keep_none connections are closed as they become idle.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench{{.in_flight = 20, .per_multi = 10}};
    const auto target = target_to(server.url());
    const auto run_all = [&] {
        std::vector<ToldPtr> all;
        for (int i = 0; i < 20; ++i) all.push_back(bench.start(target));
        for (const auto& told : all) {
            bench.run_until([&] { return told->over(); });
            CHECK_FALSE(told->fault());
        }
    };
    run_all();
    CHECK(bench.curl_pool->open_sockets() == 20);
    bench.curl_pool->keep_none();
    run_all();
    CHECK(bench.curl_pool->open_sockets() == 2);  // One for each multi handle.
    CHECK(server.requests() == 40);
    CHECK_FALSE(bench.run(target)->fault());
    CHECK(bench.curl_pool->open_sockets() == 2);
}

TEST_CASE("A request on a kept connection that dies unanswered is not resent.", "[wire]") {
    for (const bool reset : {false, true}) {
        for (const std::size_t size : {30u, 0u, 500'000u}) {
            CAPTURE(reset, size);
            const RawServer server{hangs_up_on_the_second(reset)};
            WireBench bench;
            const auto target = target_to(server.url());
            const auto body = [size](auto& exchange) { exchange.body = std::string(size, 'b'); };
            CHECK_FALSE(bench.run(target, body)->fault());
            const auto told = bench.run(target, body);
            CHECK(told->fault() == FaultKind::keepalive_race);
            CHECK(told->ending().sent);
            CHECK(told->ending().reused_connection);
            CHECK(server.requests() == 2);
            CHECK(server.connections() == 1);
        }
    }
}

TEST_CASE("A request with a long body on a dying kept connection is not resent.", "[wire]") {
    constexpr std::size_t size = 12'000'000;  // More than the system takes on before it is read.
    for (const std::size_t reads : {std::size_t{0}, std::size_t{1}, size / 2}) {
        for (const bool half : {false, true}) {
            CAPTURE(reads, half);
            const RawServer server{dies_under_the_second(reads, half)};
            WireBench bench{{.in_flight = 1}};
            const auto target = target_to(server.url());
            CHECK_FALSE(bench.run(target)->fault());
            const auto told =
                bench.run(target, [](auto& exchange) { exchange.body = std::string(size, 'b'); });
            CHECK(told->fault() == FaultKind::keepalive_race);
            CHECK(told->ending().sent);
            CHECK(server.connections() == 1);
            CHECK(server.requests() == 1);

            // The place has forgotten all of it.
            const auto next = bench.run(target, [](auto& exchange) { exchange.body = "next"; });
            CHECK(next->body == "fine");
            CHECK(server.last_request().ends_with("\r\n\r\nnext"));
            CHECK(server.requests() == 2);
        }
    }
}

TEST_CASE("A request is sent only once even if all kept connections are dead.", "[wire]") {
    constexpr int pool = 6;
    for (const std::size_t size : {30u, 0u}) {
        CAPTURE(size);
        std::atomic<int> waiting = 0;
        const RawServer server{[&](Line& line) {
            if (!line.read_request()) return;
            ++waiting;
            while (waiting < pool) std::this_thread::yield();  // So that none is used twice.
            line.write(answer("ok"));
            line.read_request();
        }};
        WireBench bench;
        const auto target = target_to(server.url());
        for (int i = 0; i < pool; ++i) bench.start(target);
        bench.run_until([&] { return bench.curl_pool->in_flight() == 0; });
        REQUIRE(server.connections() == pool);

        const auto told =
            bench.run(target, [size](auto& exchange) { exchange.body = std::string(size, 'b'); });
        CHECK(told->fault() == FaultKind::keepalive_race);
        CHECK(server.requests() == pool + 1);
        CHECK(server.connections() == pool);
    }
}

TEST_CASE(
    "A kept connection that the server has closed is not used once its end was seen.", "[wire]"
) {
    const RawServer server{once(answer("ok"))};  // Keep-alive promised, and not kept.
    WireBench bench;
    const auto target = target_to(server.url());
    int races = 0;
    for (int i = 0; i < 100; ++i) {
        const auto told = bench.run(target);
        if (told->fault() == FaultKind::keepalive_race) ++races;
        CHECK((!told->fault() || told->fault() == FaultKind::keepalive_race));
    }
    CHECK(server.requests() == 100 - races);
}

TEST_CASE("A kept connection that ends between two requests causes no busy loop.", "[wire]") {
    const RawServer server{once(answer("ok"))};
    WireBench bench;
    CHECK_FALSE(bench.run(target_to(server.url()))->fault());
    bench.loop.run_one_for(10s);  // The end of the connection.
    int handlers = 0;
    while (handlers < 100 && bench.loop.poll_one() > 0) ++handlers;
    CHECK(handlers < 100);
}

TEST_CASE(
    "The number of sent attempts equals the server's number of requests when connections die.",
    "[wire]"
) {
    constexpr int requests = 4000;
    const RawServer server{[](Line& line) {
        std::mt19937 random{static_cast<unsigned>(line.number)};
        for (bool first = true; line.read_request(); first = false) {
            if (!first && random() % 5 == 0) {
                if (random() % 2 == 0) line.reset();
                return;
            }
            if (!line.write(answer("ok"))) return;
        }
    }};
    WireBench bench{{.in_flight = 100, .per_multi = 32}};
    const auto target = target_to(server.url());
    int attempts = 0;
    int races = 0;
    int started = 0;
    int done = 0;
    std::size_t max = 0;
    std::function<void()> attempt = [&] {
        ++attempts;
        auto exchange = WireBench::exchange(target, std::make_shared<Told>());
        exchange.on_end = [&](wire::Ending ending) {
            if (ending.fault) {
                REQUIRE(ending.fault == FaultKind::keepalive_race);
                ++races;
                REQUIRE(ending.reused_connection);
                attempt();
                return;
            }
            REQUIRE(ending.status == 200);
            ++done;
            if (started < requests) ++started, attempt();
        };
        bench.curl_pool->start(std::move(exchange));
        max = std::max(max, bench.curl_pool->in_flight());
    };
    while (started < 100) ++started, attempt();
    bench.run_until([&] { return done == requests; });
    CHECK(races > 400);
    CHECK(attempts == requests + races);
    CHECK(server.requests() == attempts);
    CHECK(max <= 100);
    CHECK(bench.curl_pool->in_flight() == 0);
    CHECK(bench.curl_pool->open_sockets() <= 100 + 4);
}

TEST_CASE("Two hosts share neither connections nor headers.", "[wire]") {
    const RawServer one{always(answer("one"))};
    const RawServer two{always(answer("two"))};
    WireBench bench{{.in_flight = 1}};
    const auto to_one = target_to(one.url(), {"authorization: Bearer CANARY-key"});
    const auto to_two = target_to(two.url());
    for (int i = 0; i < 5; ++i) {
        CHECK(bench.run(to_one)->body == "one");
        CHECK(bench.run(to_two)->body == "two");
        CHECK(one.last_request().find("CANARY") != std::string::npos);
        CHECK(two.last_request().find("CANARY") == std::string::npos);
    }
    CHECK(one.requests() == 5);
    CHECK(two.requests() == 5);
}

TEST_CASE("A GET has no body, and the next request on its connection is a POST again.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    const auto target = target_to(server.url());
    for (const bool is_get : {true, false, true}) {
        const auto told = bench.run(target, [&](wire::Exchange& exchange) {
            exchange.is_get = is_get;
            if (is_get) exchange.body = {};
        });
        CHECK_FALSE(told->fault());
        CHECK(told->body == "ok");
        const auto request = server.last_request();
        CHECK(request.starts_with(is_get ? "GET /" : "POST /"));
        CHECK((request.find("hello") == std::string::npos) == is_get);
        CHECK((request.find("ontent-Length") == std::string::npos) == is_get);
    }
    CHECK(server.connections() == 1);
}
