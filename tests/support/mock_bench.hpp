// What tests with a mock server stand on: settings that lead to it, and what it must agree with.
#pragma once
#include "mock_server/server.hpp"
#include "support/catch.hpp"
#include "support/gathered.hpp"

#include <skein/client.hpp>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skein::test {

using namespace std::chrono_literals;

inline Settings settings_to(const std::string& url) {
    return {
        .endpoints = {{.name = "main", .url = url, .model = "small"}},
        .backoff = {.base = 1us, .max = 1ms, .throttled_base = 1us, .throttled_max = 1ms},
        .seed = 7};
}

inline Request echo(std::string text) { return {.prompt = "echo:" + std::move(text)}; }

inline mock::Weather weather_of(mock::Rule rule) { return {.faults = {std::move(rule)}}; }

inline mock::Weather silent() { return weather_of({.fault = mock::Mishap::silence}); }

inline bool is_here(const std::future<Reply>& future) {
    return future.wait_for(0s) == std::future_status::ready;
}

// The reply, if it comes in time.
inline Reply get(std::future<Reply>& future) {
    REQUIRE(future.wait_for(patience) == std::future_status::ready);
    return future.get();
}

// Which fault; nothing for a completion.
inline std::optional<FaultKind> fault_of(const Reply& reply) {
    return reply.fault() ? std::optional{reply.fault()->kind} : std::nullopt;
}

inline std::string text_of(const Reply& reply) {
    return reply.completion() ? reply.completion()->text
                              : "fault: " + std::string{to_string(reply.fault()->kind)} + " " +
                                    reply.fault()->detail;
}

// Both sides count the same. What was cancelled may have gone before the server looked at it.
inline void check_against(const mock::Server& server, const Tally& tally) {
    CHECK(tally.is_consistent());
    const auto seen = server.sums().requests;
    const auto told_to_stop = tally.attempt_fault(FaultKind::cancelled);
    CHECK(seen <= tally.attempts - tally.never_sent);
    CHECK(seen + told_to_stop >= tally.attempts - tally.never_sent);
}

// Waits until the server has so many requests in flight.
inline void wait_in_flight(const mock::Server& server, std::uint64_t count) {
    const auto until = Clock::now() + patience;
    while (server.sums().in_flight < count && Clock::now() < until) std::this_thread::yield();
    REQUIRE(server.sums().in_flight >= count);
}

}  // namespace skein::test
