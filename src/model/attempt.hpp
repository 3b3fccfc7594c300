// An attempt: one HTTP request for one client request, at one endpoint. Commands to a backend and
// events from it.
#pragma once
#include "base/box.hpp"
#include "model/prepared.hpp"
#include "model/rate_news.hpp"

#include <skein/request.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace skein {

// Identifies one attempt; a client never uses a number twice.
enum class AttemptId : std::uint64_t {};

class ChunkPipe;  // backend/chunk_pipe.hpp

// The command to a backend: make this attempt.
struct Attempt {
    AttemptId id{};
    Sequence seq = 0;
    int number = 1;  // Counted from 1 within the request.
    EndpointIndex endpoint = 0;
    RequestPtr request;
    bool on_new_connection = false;  // The reused connection of the attempt before had died.
    AddedMembers without = 0;        // The added members that this endpoint refuses.
    // Where the pieces of the answer go; null: nobody wants them.
    std::shared_ptr<ChunkPipe> chunks{};
};

// The timestamps of one attempt. `never`: the attempt did not get that far.
struct Trail {
    TimePoint started = never;
    TimePoint first_byte = never;
    TimePoint first_chunk = never;  // The first stream chunk with content.
    TimePoint last_byte = never;
};

// What is to be known of an answer that became the fault `invalid_output`.
struct Unfit {
    std::optional<Usage> usage{};  // Of the answer.
    std::string service_tier{};    // Of the answer.
    // What to ask next: the request itself, or one that tells what was wrong. Null: nothing.
    RequestPtr again{};
};

// The result of one attempt.
struct AttemptResult {
    Outcome outcome;
    Trail trail;
    bool sent = true;  // False: provably no byte was sent (no address, no connection).
    RateNews news{};   // The endpoint's rate limits, from the response headers.
    std::shared_ptr<const Unfit> unfit{};  // Null unless the outcome is `invalid_output`.
};

// Event: the first byte of the answer has arrived.
struct AttemptBegan {
    AttemptId id{};
};

// Event: the first piece of the answer is in the attempt's pipe. Before AttemptDone, at most once.
struct AttemptChunk {
    AttemptId id{};
};

// Event: one attempt has ended.
struct AttemptDone {
    AttemptId id{};
    Box<AttemptResult> result;
};

using AttemptEvent = std::variant<AttemptBegan, AttemptChunk, AttemptDone>;

}  // namespace skein
