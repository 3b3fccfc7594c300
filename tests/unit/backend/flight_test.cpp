#include "backend/flight.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"
#include "wire/target.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace skein {
namespace {

using namespace std::chrono_literals;

const std::string said_all = R"(data: {"choices":[{"index":0,"delta":{"content":"four"}}]})"
                             "\n\n"
                             R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                             "\n\n";

// One attempt whose exchange callbacks are called by the test instead of the wire.
class Bench {
public:
    explicit Bench(std::string url = "http://127.0.0.1:1/v1", Settings with = {})
        : settings{std::move(with)}, endpoint{.url = std::move(url), .model = "small"} {
        auto prepared = prepare({.prompt = "2+2", .stream = true});
        REQUIRE(prepared.has_value());
        attempt.seq = 17;
        attempt.number = 3;
        attempt.request = std::make_shared<const Prepared>(std::move(*prepared));
    }

    wire::Exchange& begin() {
        auto target = wire::make_target({endpoint.url + "/chat/completions"}, {});
        REQUIRE(target.has_value());
        flight = std::make_unique<Flight>(
            attempt, Flight::Keyed{std::make_shared<const Endpoint>(endpoint)}, settings
        );
        exchange = flight->exchange(*target, [](wire::Ending) {});
        return exchange;
    }

    void hear(std::string_view body) {
        Headers headers;
        headers.add("content-type", "text/event-stream");
        exchange.on_head(200, headers);
        if (!body.empty()) exchange.on_body(body, Clock::now());
    }

    AttemptResult end(std::optional<FaultKind> fault) {
        wire::Ending ending;
        ending.fault = fault;
        ending.status = 200;
        ending.started = ending.first_byte = ending.last_byte = Clock::now();
        ending.sent = true;
        return flight->result(std::move(ending));
    }

    Settings settings;
    Endpoint endpoint;
    Attempt attempt;
    std::unique_ptr<Flight> flight;
    wire::Exchange exchange;
};

bool says(const wire::Exchange& exchange, const std::string& line) {
    const auto& lines = exchange.extra_lines;
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

TEST_CASE(
    "A server on this machine gets headers with the request and attempt number.", "[backend]"
) {
    for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]"}) {
        Bench bench{"http://" + host + ":8000/v1"};
        const auto& exchange = bench.begin();
        CHECK(says(exchange, "x-skein-request: 17"));
        CHECK(says(exchange, "x-attempt: 3"));
    }
}

TEST_CASE(
    "By default every timeout of an attempt but connect is at least ten minutes.", "[backend]"
) {
    Bench bench;
    const auto& exchange = bench.begin();
    CHECK(exchange.patience.connect == 5s);
    CHECK(exchange.patience.first_byte >= 10min);
    CHECK(exchange.patience.idle >= 10min);
    CHECK(exchange.patience.attempt > exchange.patience.first_byte);
    CHECK(exchange.content_deadline() >= Clock::now() + 599s);
    CHECK(bench.settings.timeouts.request > exchange.patience.attempt);
}

TEST_CASE("The fault of a 404 names the requested URL.", "[backend]") {
    Bench bench{"https://llm.example.com/v1"};
    bench.begin();
    bench.exchange.on_head(404, {});
    const auto result = bench.end({});
    const auto& fault = std::get<Fault>(result.outcome);
    CHECK(fault.detail == "HTTP 404, asked: https://llm.example.com/v1/chat/completions");
}

TEST_CASE("A remote server gets no headers with the request and attempt number.", "[backend]") {
    for (const std::string host :
         {"llm.example.com",
          "192.0.2.7",
          "localhost.example.com",
          "127.example.com",
          "127.0.0.1.example.com",
          "[2001:db8::1]"}) {
        CAPTURE(host);
        Bench bench{"https://" + host + "/v1"};
        CHECK(bench.begin().extra_lines.empty());
    }
}

TEST_CASE("A stream that breaks after its last choice finished is an answer.", "[backend]") {
    for (const auto fault :
         {FaultKind::connection_lost, FaultKind::truncated, FaultKind::timeout_idle}) {
        Bench bench;
        bench.begin();
        bench.hear(said_all);
        const auto result = bench.end(fault);
        const auto* completion = std::get_if<Completion>(&result.outcome);
        REQUIRE(completion);
        CHECK(completion->text == "four");
        CHECK(completion->finish_reason == "stop");
        CHECK(result.trail.first_chunk != never);
    }
}

TEST_CASE(
    "A stream that breaks before its end is the fault of the broken connection.", "[backend]"
) {
    const auto half = said_all.substr(0, said_all.find("\n\n") + 2);
    for (const auto& heard : {std::string{}, half}) {
        Bench bench;
        bench.begin();
        bench.hear(heard);
        const auto result = bench.end(FaultKind::connection_lost);
        const auto* fault = std::get_if<Fault>(&result.outcome);
        REQUIRE(fault);
        CHECK(fault->kind == FaultKind::connection_lost);
        CHECK(result.sent);
    }
}

TEST_CASE("A complete answer above the size limit is a fault.", "[backend]") {
    Bench bench;
    bench.begin();
    bench.hear(said_all);
    const auto result = bench.end(FaultKind::too_large);
    const auto* fault = std::get_if<Fault>(&result.outcome);
    REQUIRE(fault);
    CHECK(fault->kind == FaultKind::too_large);
}

TEST_CASE(
    "Every timeout reaches the exchange, and a stream has ten minutes to begin.", "[backend]"
) {
    Settings settings;
    settings.timeouts = {.connect = 1s, .idle = 3s, .content = 0s, .attempt = 5s};
    Bench bench{"http://127.0.0.1:1/v1", settings};
    const auto& exchange = bench.begin();
    CHECK(exchange.patience.connect == 1s);
    CHECK(exchange.patience.first_byte == 10min);
    CHECK(exchange.patience.idle == 3s);
    CHECK(exchange.patience.attempt == 5s);
    CHECK_FALSE(exchange.content_deadline);

    settings.timeouts.first_byte = 2s;
    settings.timeouts.content = 4s;
    Bench other{"http://127.0.0.1:1/v1", settings};
    const auto before = Clock::now();
    const auto& watched = other.begin();
    CHECK(watched.patience.first_byte == 2s);
    REQUIRE(watched.content_deadline);
    CHECK(watched.content_deadline() >= before + 4s);
    const auto at_first = watched.content_deadline();
    other.hear(said_all);
    CHECK(watched.content_deadline() >= at_first);
}

}  // namespace
}  // namespace skein
