#include "support/mock_bench.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace skein {
namespace {

using namespace test;
using mock::Mishap;

TEST_CASE("A request is answered by a future.", "[client]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    REQUIRE_FALSE(client.complaint());
    auto future = client.ask(echo("four"));
    const auto reply = get(future);
    CHECK(text_of(reply) == "four");
    CHECK(reply.attempts == 1);
    CHECK(reply.maybe_executed == 1);
    CHECK(reply.endpoint == "main");
    CHECK(reply.completion()->model == "small");
    CHECK(reply.completion()->usage->output_tokens > 0);
    CHECK(reply.timing.total >= reply.timing.queued);
    check_against(server, client.tally());
}

TEST_CASE("A request is answered by a callback, always on the same thread.", "[client]") {
    mock::Server server;
    Gathered<std::thread::id> threads;
    Client client{settings_to(server.base_url())};
    for (int i = 0; i < 20; ++i) {
        client.ask(echo("x"), [&](Reply) { threads.add(std::this_thread::get_id()); });
    }
    client.ask({.path = "/nowhere"}, [&](Reply) { threads.add(std::this_thread::get_id()); });
    client.drain();
    const auto seen = threads.all();
    REQUIRE(seen.size() == 21);
    CHECK(std::count(seen.begin(), seen.end(), seen.front()) == 21);
    CHECK(seen.front() != std::this_thread::get_id());
}

TEST_CASE("Request ids are never reused.", "[client]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    std::vector<RequestId> ids;
    for (int i = 0; i < 50; ++i) ids.push_back(client.ask(echo("x"), [](Reply) {}));
    std::sort(ids.begin(), ids.end());
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("A callback that throws is logged and affects no other request.", "[client]") {
    mock::Server server;
    Gathered<std::pair<LogLevel, std::string>> log;
    auto settings = settings_to(server.base_url());
    settings.log = [&](LogLevel level, std::string_view text) {
        log.add({level, std::string{text}});
    };
    Gathered<std::string> replies;
    Client client{settings};
    client.ask(echo("a"), [](Reply) { throw std::runtime_error{"out of luck"}; });
    client.ask(echo("b"), [](Reply) { throw 7; });
    client.ask(echo("c"), [&](Reply reply) { replies.add(text_of(reply)); });
    client.drain();
    CHECK(replies.all() == std::vector<std::string>{"c"});
    const auto said = log.all();
    REQUIRE(said.size() == 2);
    CHECK(said[0].first == LogLevel::error);
    CHECK((said[0].second + said[1].second).find("out of luck") != std::string::npos);
    CHECK(client.tally().completed == 3);
}

TEST_CASE(
    "Invalid settings are reported, and every request fails with the complaint.", "[client]"
) {
    Settings none;
    Settings wide = settings_to("http://127.0.0.1:1/v1");
    wide.in_flight = 0;
    const Settings strange = settings_to("gopher://127.0.0.1/v1");
    for (const auto& settings : {none, wide, strange, settings_to("mock:/nowhere/weather.yaml")}) {
        Client client{settings};
        REQUIRE(client.complaint());
        auto future = client.ask(echo("a"));
        const auto reply = get(future);
        CHECK(fault_of(reply) == FaultKind::bad_input);
        CHECK(reply.fault()->detail == client.complaint()->text());
        Gathered<Reply> replies;
        client.cancel(client.ask(echo("b"), [&](Reply r) { replies.add(std::move(r)); }));
        client.drain();
        CHECK(replies.count() == 1);
        CHECK(client.tally().attempts == 0);
    }
}

TEST_CASE(
    "A request that cannot be sent is answered, but never from inside the call.", "[client]"
) {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    const auto here = std::this_thread::get_id();
    for (const Request& request :
         {Request{.prompt = "a", .path = "/v1/nowhere"},
          Request{.body = "[1]"},
          Request{.body = "{"},
          Request{}}) {
        Gathered<std::pair<Reply, std::thread::id>> replies;
        client.ask(request, [&](Reply reply) {
            replies.add({std::move(reply), std::this_thread::get_id()});
        });
        REQUIRE(replies.wait_for(1));
        const auto [reply, thread] = replies.all().front();
        CHECK(fault_of(reply) == FaultKind::bad_input);
        CHECK(reply.attempts == 0);
        CHECK(thread != here);
    }
    CHECK(server.sums().requests == 0);
}

TEST_CASE("One request is cancelled by its id, and the others are not.", "[client]") {
    mock::Server server{weather_of({.fault = Mishap::silence, .contains = "slow"})};
    Client client{settings_to(server.base_url())};
    Gathered<Reply> slow;
    const auto id = client.ask(echo("slow"), [&](Reply reply) { slow.add(std::move(reply)); });
    auto other = client.ask(echo("quick"));
    CHECK(text_of(get(other)) == "quick");
    wait_in_flight(server, 1);
    client.cancel(id);
    REQUIRE(slow.wait_for(1));
    CHECK(fault_of(slow.all().front()) == FaultKind::cancelled);
    CHECK(slow.all().front().attempts == 1);
    client.cancel(id);
    client.drain();
    CHECK(slow.count() == 1);
    check_against(server, client.tally());
}

TEST_CASE("Cancel ends all requests and refuses new ones.", "[client]") {
    mock::Server server{silent()};
    auto settings = settings_to(server.base_url());
    settings.in_flight = 4;
    settings.window = 8;
    Client client{settings};
    std::vector<std::future<Reply>> futures;
    for (int i = 0; i < 20; ++i) futures.push_back(client.ask(echo("x")));
    wait_in_flight(server, 4);
    client.cancel();
    futures.push_back(client.ask(echo("too late")));
    for (auto& future : futures) CHECK(fault_of(get(future)) == FaultKind::cancelled);
    client.drain();
    const auto tally = client.tally();
    CHECK(tally.admitted == 20);
    check_against(server, tally);
}

TEST_CASE("Drain waits for every reply and its callback, and refuses new requests.", "[client]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 20ms}}};
    Client client{settings_to(server.base_url())};
    std::atomic<int> called = 0;
    for (int i = 0; i < 100; ++i) client.ask(echo("x"), [&](Reply) { ++called; });
    client.drain();
    CHECK(called == 100);
    auto late = client.ask(echo("late"));
    const auto reply = get(late);
    CHECK(fault_of(reply) == FaultKind::cancelled);
    CHECK(reply.attempts == 0);
    check_against(server, client.tally());
}

TEST_CASE("A drain with a timeout waits no longer than that.", "[client]") {
    mock::Server server{silent()};
    Client client{settings_to(server.base_url())};
    auto future = client.ask(echo("x"));
    CHECK_FALSE(client.drain_for(20ms));
    CHECK_FALSE(is_here(future));
    client.cancel();
    CHECK(client.drain_for(patience));
    CHECK(fault_of(get(future)) == FaultKind::cancelled);
}

TEST_CASE("A callback may ask, cancel, count and drain.", "[client]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    std::promise<std::string> second;
    client.ask(echo("first"), [&](Reply) {
        const auto id = client.ask(echo("never read"), [](Reply) {});
        client.cancel(id);
        CHECK(client.tally().completed >= 1);
        client.ask(echo("second"), [&](Reply reply) { second.set_value(text_of(reply)); });
        client.drain();
        CHECK_FALSE(client.drain_for(1h));  // Does not wait, because it would wait for itself.
    });
    auto future = second.get_future();
    REQUIRE(future.wait_for(patience) == std::future_status::ready);
    CHECK(future.get() == "second");
    client.drain();
    check_against(server, client.tally());
}

TEST_CASE("A client may be destroyed inside its own callback.", "[client]") {
    for (const std::size_t wire_threads : {0u, 1u}) {
        mock::Server server{weather_of({.fault = Mishap::silence, .contains = "slow"})};
        auto settings = settings_to(server.base_url());
        settings.wire_threads = wire_threads;
        auto client = std::make_unique<Client>(settings);
        std::promise<void> asked;
        std::promise<void> gone;
        std::atomic<bool> called_later = false;
        auto slow = client->ask(echo("slow"));
        client->ask(echo("quick"), [&, all_asked = asked.get_future().share()](Reply) {
            all_asked.wait();
            client.reset();
            gone.set_value();
        });
        client->ask(echo("slow"), [&](Reply) { called_later = true; });
        asked.set_value();
        REQUIRE(gone.get_future().wait_for(patience) == std::future_status::ready);
        CHECK(client == nullptr);
        CHECK_FALSE(called_later);
        CHECK(fault_of(get(slow)) == FaultKind::cancelled);
    }
}

TEST_CASE("A destroyed client answers its futures and calls no callback.", "[client]") {
    mock::Server server{silent()};
    for (const std::size_t wire_threads : {0u, 1u, 3u}) {
        server.forget();
        auto settings = settings_to(server.base_url());
        settings.wire_threads = wire_threads;
        settings.in_flight = 10;
        settings.window = 15;
        std::atomic<int> called = 0;
        std::vector<std::future<Reply>> futures;
        auto client = std::make_unique<Client>(settings);
        for (int i = 0; i < 20; ++i) {
            futures.push_back(client->ask(echo("x")));
            client->ask(echo("y"), [&](Reply) { ++called; });
        }
        wait_in_flight(server, 10);
        const auto from = Clock::now();
        client.reset();
        CHECK(Clock::now() - from < 10s);
        for (auto& future : futures) {
            REQUIRE(is_here(future));
            CHECK(fault_of(future.get()) == FaultKind::cancelled);
        }
        CHECK(called == 0);
    }
}

TEST_CASE("A deadline is kept even if the server is silent.", "[client]") {
    mock::Server server{silent()};
    Client client{settings_to(server.base_url())};
    auto request = echo("x");
    request.deadline = 50ms;
    auto future = client.ask(request);
    const auto reply = get(future);
    CHECK(fault_of(reply) == FaultKind::deadline);
    CHECK(reply.timing.total >= 50ms);
    CHECK(reply.timing.total < 10s);
}

TEST_CASE("A streamed answer is assembled, and its first token is timed.", "[client]") {
    mock::Server server{{.first_token = mock::Constant{5ms}, .per_token = mock::Constant{100us}}};
    Client client{settings_to(server.base_url())};
    auto request = echo("one two three");
    request.stream = true;
    auto future = client.ask(request);
    const auto reply = get(future);
    CHECK(text_of(reply) == "one two three");
    CHECK(reply.completion()->finish_reason == "stop");
    REQUIRE(reply.timing.first_token);
    CHECK(*reply.timing.first_token >= 5ms);
    CHECK(client.tally().first_token_p50 > Duration::zero());

    auto plain = client.ask(echo("x"));
    CHECK_FALSE(get(plain).timing.first_token);
}

TEST_CASE(
    "A failed attempt is retried, and client and server count the same attempts.", "[client]"
) {
    mock::Server server{
        {.faults = {
             {.fault = Mishap::status, .status = 503, .rate = 0.2},
             {.fault = Mishap::hang_up, .rate = 0.1},
             {.fault = Mishap::status, .status = 400, .contains = "wrong"}}}};
    Client client{settings_to(server.base_url())};
    std::vector<std::future<Reply>> futures;
    for (int i = 0; i < 200; ++i) futures.push_back(client.ask(echo(std::to_string(i))));
    auto wrong = client.ask(echo("wrong"));
    client.drain();
    for (auto& future : futures) CHECK(is_here(future));
    CHECK_FALSE(get(wrong).completion());
    const auto tally = client.tally();
    CHECK(tally.admitted == 201);
    CHECK(tally.retries > 0);
    check_against(server, tally);
}

TEST_CASE("The server never sees more requests in flight than allowed.", "[client]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 3ms}}};
    for (const std::size_t wire_threads : {0u, 1u, 3u}) {
        server.forget();
        auto settings = settings_to(server.base_url());
        settings.in_flight = 5;
        settings.wire_threads = wire_threads;
        Client client{settings};
        for (int i = 0; i < 200; ++i) client.ask(echo(std::to_string(i)), [](Reply) {});
        client.drain();
        CHECK(server.sums().max_in_flight <= 5);
        CHECK(server.sums().max_in_flight >= 2);
        CHECK(client.tally().max_in_flight <= 5);
        CHECK(client.tally().completed == 200);
    }
}

TEST_CASE("An idle client knows the longest turn of its event loops.", "[client]") {
    for (const std::size_t wire_threads : {0u, 1u}) {
        mock::Server server;
        auto settings = settings_to(server.base_url());
        settings.wire_threads = wire_threads;
        Client client{settings};
        client.ask(echo("x")).get();
        const auto tally = client.tally();
        CHECK(tally.loop_stall_max > 0s);
        CHECK(tally.loop_stall_p99 > 0s);
    }
}

TEST_CASE("Many threads may ask while another thread reads the tally.", "[client]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    std::atomic<int> called = 0;
    std::atomic<bool> over = false;
    std::thread counting{[&] {
        while (!over) {
            const auto tally = client.tally();
            if (tally.admitted < tally.completed + tally.failed) std::terminate();
        }
    }};
    std::vector<std::thread> asking;
    for (int who = 0; who < 8; ++who) {
        asking.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                const auto id = client.ask(echo("x"), [&](Reply) { ++called; });
                if (i % 50 == 0) client.cancel(id);
            }
        });
    }
    for (auto& thread : asking) thread.join();
    client.drain();
    over = true;
    counting.join();
    CHECK(called == 1600);
    const auto tally = client.tally();
    CHECK(tally.admitted == 1600);
    check_against(server, tally);
}

TEST_CASE("A mock server inside the process needs no address.", "[client]") {
    Client client{settings_to("mock:")};
    REQUIRE_FALSE(client.complaint());
    auto future = client.ask(echo("here"));
    CHECK(text_of(get(future)) == "here");
}

}  // namespace
}  // namespace skein
