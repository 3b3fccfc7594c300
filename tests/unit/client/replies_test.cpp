#include "support/mock_bench.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <ranges>
#include <set>
#include <stdexcept>
#include <thread>

namespace skein {
namespace {

using namespace test;
using mock::Mishap;

std::vector<Request> numbers(int count) {
    std::vector<Request> requests;
    for (int i = 0; i < count; ++i) requests.push_back(echo(std::to_string(i)));
    return requests;
}

std::vector<std::string> texts_of(Replies replies) {
    std::vector<std::string> texts;
    for (auto& reply : replies) texts.push_back(text_of(reply));
    return texts;
}

std::vector<std::string> texts_up_to(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    return texts;
}

TEST_CASE("Replies come in the order of the requests in every weather.", "[client][map]") {
    mock::Server server{
        {.latency = mock::Uniform{0ms, 20ms},
         .faults = {{.fault = Mishap::status, .status = 503, .rate = 0.2, .first_attempts = 2}}}};
    for (const std::size_t wire_threads : {0u, 1u, 3u}) {
        auto settings = settings_to(server.base_url());
        settings.wire_threads = wire_threads;
        settings.window = 32;
        Client client{settings};
        const auto requests = numbers(300);
        CHECK(texts_of(client.map(requests)) == texts_up_to(300));
        CHECK(client.tally().is_consistent());
    }
}

TEST_CASE("Every reply is given once if no order is asked for.", "[client][map]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 20ms}}};
    auto settings = settings_to(server.base_url());
    settings.window = 16;
    Client client{settings};
    const auto texts = texts_of(client.map_unordered(numbers(200)));
    const auto expected = texts_up_to(200);
    CHECK(texts.size() == 200);
    CHECK(
        std::set<std::string>(texts.begin(), texts.end()) ==
        std::set<std::string>(expected.begin(), expected.end())
    );
}

TEST_CASE("Each reply of a range has the place and the tag of its request.", "[client][map]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 20ms}}};
    auto settings = settings_to(server.base_url());
    settings.window = 16;
    Client client{settings};
    auto requests = numbers(100);
    requests[50].path = "/nowhere";  // Is never sent.
    for (std::size_t i = 0; i < requests.size(); ++i) requests[i].tag = 1000 + i;
    const auto check = [](Replies replies) {
        std::set<std::uint64_t> seen;
        for (auto& reply : replies) {
            if (reply.index != 50) CHECK(text_of(reply) == std::to_string(reply.index));
            CHECK(reply.tag == 1000 + reply.index);
            seen.insert(reply.index);
        }
        CHECK(seen.size() == 100);
        CHECK(*seen.rbegin() == 99);
    };
    check(client.map(requests));
    check(client.map_unordered(requests));
}

TEST_CASE("Replies that are lost with their client have their places.", "[client][map]") {
    mock::Server server{silent()};
    auto client = std::make_unique<Client>(settings_to(server.base_url()));
    auto requests = numbers(3);
    for (auto& request : requests) request.tag = 9;
    auto replies = client->map(requests);
    Request lone = echo("x");
    lone.tag = 4;
    auto future = client->ask(lone);
    std::thread closer{[&] {
        wait_in_flight(server, 1);
        client.reset();
    }};
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto reply = replies.next();
        REQUIRE(reply);
        CHECK(reply->index == i);
        CHECK(reply->tag == 9);
    }
    closer.join();
    CHECK(get(future).tag == 4);
}

TEST_CASE("An empty range has no replies.", "[client][map]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    CHECK(texts_of(client.map(std::vector<Request>{})).empty());
    auto replies = client.map_unordered(std::views::empty<Request>);
    CHECK_FALSE(replies.next());
    CHECK_FALSE(replies.next());
    CHECK(server.sums().requests == 0);
}

TEST_CASE(
    "A range is not read before the reader asks, and never beyond the window.", "[client][map]"
) {
    mock::Server server{{.latency = mock::Uniform{0ms, 3ms}}};
    auto settings = settings_to(server.base_url());
    settings.window = 4;
    Client client{settings};
    int pulled = 0;
    auto endless = std::views::iota(0) | std::views::transform([&](int i) {
                       ++pulled;
                       return echo(std::to_string(i));
                   });
    auto replies = client.map(endless);
    CHECK(pulled == 0);
    for (int read = 0; read < 100; ++read) {
        const auto reply = replies.next();
        REQUIRE(reply);
        CHECK(text_of(*reply) == std::to_string(read));
        REQUIRE(pulled > read);
        REQUIRE(pulled <= read + 4);
    }
}

TEST_CASE("Large requests are read ahead only within the limit of bytes.", "[client][map]") {
    mock::Server server;
    auto settings = settings_to(server.base_url());
    settings.window_bytes = 25'000;
    Client client{settings};
    const std::string large(10'000, 'x');
    int pulled = 0;
    auto endless = std::views::iota(0) | std::views::transform([&](int) {
                       ++pulled;
                       return echo(large);
                   });
    auto replies = client.map(endless);
    for (int read = 0; read < 20; ++read) {
        REQUIRE(replies.next());
        REQUIRE(pulled <= read + 3);
    }
}

TEST_CASE("One request is always taken, however large it is.", "[client][map]") {
    mock::Server server;
    auto settings = settings_to(server.base_url());
    settings.window_bytes = 1;
    settings.window = 1;
    Client client{settings};
    if (client.complaint()) return;  // Refusing such settings is correct as well.
    CHECK(texts_of(client.map(numbers(5))) == texts_up_to(5));
}

TEST_CASE("An exception of the range leaves the reader's call.", "[client][map]") {
    mock::Server server;
    auto settings = settings_to(server.base_url());
    settings.window = 2;
    Client client{settings};
    auto range = std::views::iota(0, 10) | std::views::transform([](int i) {
                     if (i == 5) throw std::runtime_error{"the file is torn"};
                     return echo(std::to_string(i));
                 });
    int read = 0;
    CHECK_THROWS_WITH(
        [&] {
            for (auto& reply : client.map(range)) {
                CHECK(text_of(reply) == std::to_string(read));
                ++read;
            }
        }(),
        "the file is torn"
    );
    CHECK(read <= 5);
    CHECK(read >= 3);
    auto after = client.ask(echo("still here"));
    CHECK(text_of(get(after)) == "still here");
}

TEST_CASE("Requests whose replies will not be read are cancelled.", "[client][map]") {
    mock::Server server{weather_of({.fault = Mishap::silence, .contains = "slow"})};
    auto settings = settings_to(server.base_url());
    settings.window = 8;
    settings.in_flight = 4;
    Client client{settings};
    {
        auto replies = client.map(std::views::iota(0) | std::views::transform([](int i) {
                                      return echo(i < 3 ? "quick" : "slow");
                                  }));
        for (int i = 0; i < 3; ++i) CHECK(text_of(*replies.next()) == "quick");
    }
    client.drain();
    const auto tally = client.tally();
    CHECK(tally.is_consistent());
    CHECK(tally.completed == 3);
    CHECK(tally.failed == tally.request_fault(FaultKind::cancelled));
}

TEST_CASE("Replies may outlive their client.", "[client][map]") {
    mock::Server server{weather_of({.fault = Mishap::silence, .contains = "slow"})};
    auto client = std::make_unique<Client>(settings_to(server.base_url()));
    auto requests = numbers(1);
    for (int i = 0; i < 9; ++i) requests.push_back(echo("slow"));
    auto replies = client->map(std::move(requests));
    CHECK(text_of(*replies.next()) == "0");
    client.reset();
    int cancelled = 0;
    while (const auto reply = replies.next()) {
        CHECK(fault_of(*reply) == FaultKind::cancelled);
        ++cancelled;
    }
    CHECK(cancelled == 9);
}

TEST_CASE(
    "A reader that waits for a reply is woken when the client is destroyed.", "[client][map]"
) {
    mock::Server server{silent()};
    auto client = std::make_unique<Client>(settings_to(server.base_url()));
    auto replies = client->map(numbers(3));
    std::thread closing{[&] {
        wait_in_flight(server, 3);
        client.reset();
    }};
    int cancelled = 0;
    while (const auto reply = replies.next()) cancelled += fault_of(*reply) == FaultKind::cancelled;
    closing.join();
    CHECK(cancelled == 3);
}

TEST_CASE("A request that cannot be sent has its place among the replies.", "[client][map]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    std::vector<Request> requests{echo("0"), {.body = "[]"}, echo("2")};
    auto replies = client.map(requests);
    CHECK(text_of(*replies.next()) == "0");
    CHECK(fault_of(*replies.next()) == FaultKind::bad_input);
    CHECK(text_of(*replies.next()) == "2");
    CHECK_FALSE(replies.next());
}

TEST_CASE("Invalid settings fail every reply, and no reader waits.", "[client][map]") {
    Client client{Settings{}};
    int failed = 0;
    for (auto& reply : client.map(numbers(5))) failed += fault_of(reply) == FaultKind::bad_input;
    CHECK(failed == 5);
}

TEST_CASE("A slow callback does not delay a reader of replies.", "[client][map]") {
    mock::Server server;
    Client client{settings_to(server.base_url())};
    std::promise<void> entered;
    std::promise<void> may_return;
    client.ask(echo("slow"), [&](const Reply&) {
        entered.set_value();
        may_return.get_future().wait();
    });
    entered.get_future().wait();
    CHECK(texts_of(client.map(numbers(20))) == texts_up_to(20));
    may_return.set_value();
    client.drain();
}

TEST_CASE("Several readers may read replies at the same time.", "[client][map]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 2ms}}};
    auto settings = settings_to(server.base_url());
    settings.window = 8;
    Client client{settings};
    std::atomic<int> right = 0;
    std::vector<std::thread> readers;
    for (int who = 0; who < 4; ++who) {
        readers.emplace_back([&] {
            int next = 0;
            for (auto& reply : client.map(numbers(100))) {
                right += text_of(reply) == std::to_string(next++);
            }
        });
    }
    for (auto& reader : readers) reader.join();
    CHECK(right == 400);
    CHECK(client.tally().is_consistent());
}

}  // namespace
}  // namespace skein
