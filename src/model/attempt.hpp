// One try of one request on one endpoint: one request that the server can see.
#pragma once
#include "base/box.hpp"
#include "model/prepared.hpp"
#include "model/rate_news.hpp"

#include <skein/request.hpp>

#include <cstdint>
#include <optional>
#include <variant>

namespace skein {

// A number that never comes back.
enum class AttemptId : std::uint64_t {};

using EndpointIndex = std::size_t;

// What a backend needs to know to make one.
struct Attempt {
    AttemptId id{};
    Sequence seq = 0;
    int number = 1;  // 1 for the first try of the request.
    EndpointIndex endpoint = 0;
    RequestPtr request;
    bool on_new_connection = false;  // The kept one that it was tried on had died.
    AddedMembers without = 0;        // Of those that we add, the ones that its endpoint refuses.
};

// The timestamps of one attempt. `never`: it did not come to that.
struct Trail {
    TimePoint started = never;
    TimePoint first_byte = never;
    TimePoint first_chunk = never;  // The first with content.
    TimePoint last_byte = never;
};

// What one attempt came to.
struct AttemptResult {
    Outcome outcome;
    Trail trail;
    bool sent = true;  // False: no byte of it left, by proof (no address, no connection).
    RateNews news{};   // Of the endpoint's rate limits.
};

// The answer to one attempt has begun.
struct AttemptBegan {
    AttemptId id{};
};

// How one attempt ended.
struct AttemptDone {
    AttemptId id{};
    Box<AttemptResult> result;
};

using AttemptEvent = std::variant<AttemptBegan, AttemptDone>;

}  // namespace skein
