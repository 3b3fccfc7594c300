// What the tests of the client stand on: settings for a mock server, and a place for replies.
#pragma once
#include "mock_server/server.hpp"
#include "support/catch.hpp"

#include <skein/client.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace skein::test {

using namespace std::chrono_literals;

// How long a test waits for what must happen, before it gives up on it.
inline constexpr Duration patience = 60s;

inline Settings settings_to(const std::string& url) {
    return {
        .endpoints = {{.name = "main", .url = url, .model = "small"}},
        .backoff = {.base = 1us, .most = 1ms, .throttled_base = 1us, .throttled_most = 1ms},
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

// What callbacks bring together, for a thread that waits for it.
template <class T>
class Gathered {
public:
    void add(T thing) {
        {
            const std::lock_guard lock{mutex_};
            things_.push_back(std::move(thing));
        }
        changed_.notify_all();
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return things_.size() >= count; });
    }
    std::vector<T> all() const {
        const std::lock_guard lock{mutex_};
        return things_;
    }
    std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return things_.size();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> things_;
};

// The server has seen as many requests as the client says it made.
inline void check_against(const mock::Server& server, const Tally& tally) {
    CHECK(tally.lawful());
    CHECK(server.sums().requests == tally.attempts - tally.never_sent);
}

// Waits until the server has so many requests in flight.
inline void wait_in_flight(const mock::Server& server, std::uint64_t count) {
    const auto until = Clock::now() + patience;
    while (server.sums().in_flight < count && Clock::now() < until) std::this_thread::yield();
    REQUIRE(server.sums().in_flight >= count);
}

}  // namespace skein::test
