// Timeouts and deadlines of exchanges.
#include "wire_bench.hpp"

using namespace skein;
using namespace skein::test;

namespace {

const std::string head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";

// Ended for this reason, after at least so long, and not much later.
void check_timeout(const Told& told, FaultKind kind, Duration after) {
    CHECK(told.fault() == kind);
    CHECK_FALSE(told.ending().detail.empty());
    const auto lasted = Clock::now() - told.ending().started;
    CHECK(lasted >= after);
    CHECK(lasted < after + 3s);
}

ToldPtr ask(RawServer::Script script, const WireBench::Change& change) {
    const RawServer server{std::move(script)};
    WireBench bench;
    return bench.run(target_to(server.url()), change);
}

// Sends a little, again and again, until the peer goes.
RawServer::Script trickle(std::string first, std::string again) {
    return [=](Line& line) {
        if (!line.read_request() || !line.write(first)) return;
        while (!line.gone(20) && line.write(again)) {
        }
    };
}

// How many of many answers are called late, all of which came while the loop stood still for longer
// than the patience, as in a process that is stopped.
std::size_t called_late_after_a_pause(Duration patience) {
    constexpr int count = static_cast<int>(wire::SocketSet::handful) + 20;
    std::atomic<int> answered = 0;
    std::atomic<bool> may_answer = false;
    const RawServer server{[&](Line& line) {
        if (!line.read_request() || !line.write(answer("warm")) || !line.read_request() ||
            !line.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"))
            return;
        may_answer.wait(false);
        line.write("ok");
        ++answered;
        answered.notify_one();
        line.gone();
    }};
    // Each on a multi of its own, or libcurl might look after the others of the one it is called
    // for.
    WireBench bench{{.in_flight = count, .per_multi = 1}};
    std::vector<ToldPtr> all;
    // On connections that are there already: libcurl has timers of its own for the new ones.
    for (int i = 0; i < count; ++i) bench.start(target_to(server.url()));
    bench.run_until([&] { return bench.curl_pool->in_flight() == 0; });
    for (int i = 0; i < count; ++i) {
        all.push_back(bench.start(target_to(server.url()), [&](auto& exchange) {
            exchange.patience.idle = patience;
        }));
    }
    bench.run_until([&] {
        return std::ranges::all_of(all, [](const auto& told) { return told->heads == 1; });
    });
    const auto stopped = Clock::now();
    may_answer = true;
    may_answer.notify_all();
    for (int seen = answered; seen < count; seen = answered) answered.wait(seen);
    std::this_thread::sleep_until(stopped + patience + 10ms);
    bench.run_until([&] { return bench.curl_pool->in_flight() == 0; });
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& told) {
        return told->fault().has_value();
    }));
}

}  // namespace

TEST_CASE("Silence before the answer ends at the first-byte timeout.", "[wire]") {
    const auto told = ask(stall_after(""), [](auto& exchange) {
        exchange.patience = {.connect = 5s, .first_byte = 80ms, .idle = 1s, .attempt = 9s};
    });
    check_timeout(*told, FaultKind::timeout_first_byte, 80ms);
    CHECK(told->ending().sent);
    CHECK(told->ending().status == 0);
    CHECK(told->ending().first_byte == never);
}

TEST_CASE("An answer that stalls at any point ends at the idle timeout.", "[wire]") {
    for (const auto& text : {head.substr(0, 17), head, head + "half"}) {
        const auto told = ask(stall_after(text), [](auto& exchange) {
            exchange.patience = {.first_byte = 9s, .idle = 80ms, .attempt = 9s};
        });
        check_timeout(*told, FaultKind::timeout_idle, 80ms);
        CHECK(told->ending().first_byte < never);
    }
}

TEST_CASE(
    "An answer that trickles passes the idle timeout but not the attempt timeout.", "[wire]"
) {
    const auto told = ask(trickle("HTTP/1.1 200 OK\r\n\r\n", "."), [](auto& exchange) {
        exchange.patience = {.first_byte = 9s, .idle = 2s, .attempt = 200ms};
    });
    check_timeout(*told, FaultKind::timeout_attempt, 200ms);
    CHECK(told->body.size() > 1);
}

TEST_CASE("A deadline ends an exchange without any timeout.", "[wire]") {
    const auto told =
        ask(stall_after(head), [](auto& exchange) { exchange.deadline = Clock::now() + 80ms; });
    check_timeout(*told, FaultKind::deadline, 70ms);
}

TEST_CASE("An exchange whose deadline has passed sends nothing.", "[wire]") {
    const RawServer server{always(answer("ok"))};
    WireBench bench;
    const auto told = bench.run(target_to(server.url()), [](auto& exchange) {
        exchange.deadline = Clock::now() - 1ms;
    });
    CHECK(told->fault() == FaultKind::deadline);
    CHECK_FALSE(told->ending().sent);
    CHECK(server.connections() == 0);
}

TEST_CASE("A body with bytes but no content ends at the content deadline.", "[wire]") {
    auto until = std::make_shared<TimePoint>(never);
    const auto told = ask(trickle("HTTP/1.1 200 OK\r\n\r\n", ": ping\n\n"), [=](auto& exchange) {
        exchange.patience = {.idle = 20s, .attempt = 30s};  // Too long to fire in the test.
        exchange.content_deadline = [until] { return *until; };
        exchange.on_head = [until](int, const Headers&) { *until = Clock::now() + 100ms; };
    });
    check_timeout(*told, FaultKind::timeout_idle, 100ms);
    CHECK(told->ending().detail.find("content") != std::string::npos);
}

TEST_CASE("A server that never accepts ends at the connect timeout with nothing sent.", "[wire]") {
    const SilentPort silent{AF_INET};
    WireBench bench;
    const auto url = "http://127.0.0.1:" + std::to_string(silent.port()) + "/";
    const auto told = bench.run(target_to(url), [](auto& exchange) {
        exchange.patience = {.connect = 100ms, .first_byte = 9s};
    });
    check_timeout(*told, FaultKind::timeout_connect, 100ms);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A TLS handshake that stalls ends at the connect timeout with nothing sent.", "[wire]") {
    const RawServer server{[](Line& line) { line.gone(); }};
    WireBench bench;
    const auto url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
    const auto told = bench.run(target_to(url), [](auto& exchange) {
        exchange.patience = {.connect = 100ms, .first_byte = 9s};
    });
    check_timeout(*told, FaultKind::timeout_connect, 100ms);
    CHECK_FALSE(told->ending().sent);
}

TEST_CASE("A place whose exchange timed out serves the next exchange at once.", "[wire]") {
    const RawServer silent{stall_after("")};
    const RawServer server{always(answer("ok"))};
    WireBench bench{{.in_flight = 1}};
    for (int i = 0; i < 3; ++i) {
        const auto late = bench.run(target_to(silent.url()), [](auto& exchange) {
            exchange.patience.first_byte = 20ms;
        });
        CHECK(late->fault() == FaultKind::timeout_first_byte);
        CHECK_FALSE(bench.run(target_to(server.url()))->fault());
    }
}

TEST_CASE(
    "After a pause of the whole process, an answer that has arrived is not a timeout.", "[wire]"
) {
    // A machine so busy that the heads do not come within the patience has another try.
    CHECK(
        (called_late_after_a_pause(300ms) == 0 || called_late_after_a_pause(600ms) == 0 ||
         called_late_after_a_pause(900ms) == 0)
    );
}
