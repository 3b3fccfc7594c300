// What each kind of fault means: one table row per FaultKind. Decisions read the row, not the kind.
#pragma once
#include <skein/fault.hpp>
#include <skein/request.hpp>

#include <span>
#include <string_view>

namespace skein {

// What an attempt says about the health of its endpoint.
enum class Verdict : std::uint8_t { healthy, unhealthy, neutral };

// The retry policy of a fault. `Settings::attempts` limits all policies except `twice`, which has a
// lower limit, because a request that kills its worker must not kill four of them.
enum class Retry : std::uint8_t {
    never,
    usual,    // With backoff, as long as attempts are left.
    patient,  // With backoff; does not count as an attempt, because the endpoint only said: later.
    twice,    // Two more attempts without a pause; the second runs alone on its worker.
    at_once,  // One more attempt without a pause, which does not count; after it as `usual`.
    ask_again,  // At once with the errors of the answer; counts against `Expect::schema_attempts`.
    renewed,    // At once, because the endpoint has a newer key by now; does not count.
    elsewhere   // At once at another endpoint, because this one is closed now; does not count.
};

// Which of the two backoffs gives the pause before the retry.
enum class Pace : std::uint8_t { normal, throttled };

// The effect on the endpoint, beyond the verdict.
enum class Effect : std::uint8_t {
    none,
    close,           // The endpoint is closed for the rest of the run.
    close_in_a_row,  // Closed, if five attempts in a row, and all attempts then in flight, get this
                     // fault, and no attempt an answer.
    vanish,          // No attempt is sent there until the endpoint is reported as there again.
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

// Whether this fault closes its endpoint for the run.
bool closes_endpoint(const Fault& fault);

// Whether a request that failed by this kind stays undone, so that the next run asks it again. True
// if the fault says nothing about the request itself: the request was stopped from outside, or by a
// condition that concerns every request.
bool leaves_undone(FaultKind kind);

// The same for a reply. Also true if the deadline passed before any attempt could be executed.
bool leaves_undone(const Reply& reply);

}  // namespace skein
