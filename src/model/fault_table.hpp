// What each kind of fault means. One row each; nobody else looks at a kind to decide.
#pragma once
#include <skein/fault.hpp>
#include <skein/request.hpp>

#include <span>
#include <string_view>

namespace skein {

// What an attempt taught us of the endpoint that served it.
enum class Verdict : std::uint8_t { healthy, unhealthy, neutral };

// How often another try is worth it. `attempts` is the same for all that are tried again at all,
// but for `twice`: a request that kills the worker it runs on is not to kill four of them.
enum class Retry : std::uint8_t {
    never,
    usual,    // As long as attempts are left.
    patient,  // The endpoint says: later. Being told to wait is no failure, and uses up no attempt.
    twice,    // Two more, without a pause; the second of them alone on its worker.
    at_once,  // One more, without a pause and not counted as an attempt used up; then as `usual`.
    elsewhere  // At once, for the endpoint is closed now; not counted as an attempt used up.
};

// Which of the two backoffs the pause before it follows.
enum class Pace : std::uint8_t { normal, throttled };

// What it means for the endpoint, beyond the verdict.
enum class Effect : std::uint8_t {
    none,
    close,           // Nothing more is sent there for the rest of the run.
    close_in_a_row,  // The same, if five in a row and all under way then get it, and none an
                     // answer.
    vanish,          // Nothing more is sent there until it is said to be there again.
};

struct FaultRow {
    FaultKind kind;
    std::string_view name;
    Origin origin;
    Retry retry;
    Verdict verdict;
    Executed executed;
    Pace pace;
    Effect effect;
};

const FaultRow& row_of(FaultKind kind);

std::span<const FaultRow> all_faults();

// Is nothing more to be sent to the endpoint of this one?
bool closes_endpoint(const Fault& fault);

// Does it say nothing about the request itself, so that another run should ask it again? It was
// stopped from outside, or by what concerns every request.
bool leaves_undone(FaultKind kind);

// The same of a reply: also one whose deadline passed before anything of it was executed.
bool leaves_undone(const Reply& reply);

}  // namespace skein
