/// The tally: the counters of a client or of a run.
#pragma once
#include <skein/fault.hpp>
#include <skein/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skein {

/// The counters of one endpoint.
struct EndpointTally {
    std::string name{};
    std::uint64_t attempts = 0;
    std::uint64_t completed = 0;   ///< Attempts that ended by a completion.
    std::uint64_t outages = 0;     ///< Times its circuit breaker opened after it had been closed.
    std::string closed{};          ///< Why it is closed for the rest of the run; empty: it is not.
    std::uint64_t places = 0;      ///< Its adaptive concurrency limit now; 0: not known.
    std::uint64_t max_places = 0;  ///< Maximum of `places`, by the settings; 0: not known.
    /// Why requests wait for it, such as "asked for 90 s, 41 s left"; empty if they do not.
    std::string waits_for{};
};

/// Rows of a job that failed by the same fault with the same message, apart from numbers.
struct FailureGroup {
    std::string code{};   ///< The name of the fault, as in output lines: `rejected`.
    std::string words{};  ///< Message of the first of these rows. Cut; untrusted text.
    std::uint64_t rows = 0;
    std::vector<std::string> ids{};  ///< `custom_id` of the first three. Cut; untrusted text.
};

/// The number of answers with one `finish_reason`.
struct FinishReason {
    std::string name{};  ///< `stop`, `length` … Cut; untrusted text.
    std::uint64_t answers = 0;
};

/// Tokens and cost of the replies in a journal.
struct Spent {
    std::uint64_t answers = 0;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    std::uint64_t cached_tokens = 0;
    std::uint64_t reasoning_tokens = 0;
    double cost = 0;
};

/// A snapshot of the counters of a client or a run. When all requests have ended, an invariant
/// holds:
///
///     admitted = completed + failed        in_flight = 0
///     attempts - never_sent = attempts that the server saw
///
/// `is_consistent()` checks the part that needs no server.
struct Tally {
    std::uint64_t admitted = 0;      ///< Requests admitted.
    std::uint64_t completed = 0;     ///< Requests whose reply is a completion.
    std::uint64_t failed = 0;        ///< Requests whose reply is a fault, `cancelled` included.
    std::uint64_t written = 0;       ///< Jobs only: output lines, with those of earlier runs.
    std::uint64_t resumed = 0;       ///< Jobs only: of `written`, lines taken from the journal.
    std::uint64_t failed_lines = 0;  ///< Jobs only: of `written`, lines that hold a fault.
    /// Jobs only: of `failed`, rows whose deadline passed before any server had worked on them. The
    /// next run asks them again.
    std::uint64_t left_out = 0;
    /// Jobs only: blank lines of the input that are no rows; known once the input was read to its
    /// end.
    std::uint64_t blank_lines = 0;
    std::uint64_t attempts = 0;    ///< Attempts that were started, retries and hedges included.
    std::uint64_t never_sent = 0;  ///< Of these, provably never sent (connect, TLS).
    std::uint64_t retries = 0;     ///< Of these, second and later attempts of a request.
    std::uint64_t hedges = 0;      ///< Of these, hedges of a slow attempt.
    /// Times that a request went on to another endpoint, because of a fault in `Endpoint::on`.
    std::uint64_t rerouted = 0;
    std::uint64_t in_flight = 0;         ///< Attempts in flight now.
    std::uint64_t max_in_flight = 0;     ///< Maximum of `in_flight` so far.
    std::uint64_t waiting = 0;           ///< Requests in the queue or in a backoff pause now.
    std::uint64_t input_tokens = 0;      ///< As servers counted them.
    std::uint64_t output_tokens = 0;     ///< As servers counted them.
    std::uint64_t cached_tokens = 0;     ///< Of `input_tokens`, read from a cache.
    std::uint64_t reasoning_tokens = 0;  ///< Of `output_tokens`, reasoning.
    std::uint64_t usage_missing = 0;     ///< Completions without token counts.
    /// Cost of completions: what their servers say, else by the prices of their endpoints.
    double cost = 0;
    std::vector<EndpointTally> endpoints{};  ///< In the order of the settings.

    static constexpr std::size_t kinds = static_cast<std::size_t>(FaultKind::internal) + 1;
    std::array<std::uint64_t, kinds> attempt_faults{};  ///< Failed attempts by FaultKind.
    std::array<std::uint64_t, kinds> request_faults{};  ///< Failed requests by FaultKind.

    std::uint64_t rows = 0;       ///< Jobs only: rows of the input; 0 until known.
    std::uint64_t done = 0;       ///< Jobs only: rows with a reply in the journal, of all runs.
    std::uint64_t not_asked = 0;  ///< Jobs only: failed rows not in `admitted` (bad input).
    Spent earlier{};              ///< Jobs only: usage of earlier runs of the same journal.
    std::vector<FailureGroup> failures{};        ///< Jobs only: failed rows, largest group first.
    std::uint64_t other_failures = 0;            ///< Jobs only: failed rows in no group.
    std::vector<FinishReason> finish_reasons{};  ///< Jobs only: answers of this run.

    Duration elapsed{};          ///< Since the start of the client or run.
    Duration first_token_p50{};  ///< Time to first token, streams only; 0 if there were none.
    Duration first_token_p99{};  ///< Percentiles are within 2 % of the exact value.
    Duration attempt_p50{};      ///< Duration of attempts that completed.
    Duration attempt_p99{};
    Duration stalled_on_oldest{};  ///< Jobs only: time with a full window behind one row.

    /// How long one turn of an event loop took; no other transfer makes progress during it. A turn
    /// usually takes well under 1 ms. A maximum above 50 ms is worth a look.
    Duration loop_stall_p99{};
    Duration loop_stall_max{};

    std::uint64_t attempt_fault(FaultKind kind) const {
        return attempt_faults[static_cast<std::size_t>(kind)];
    }
    std::uint64_t request_fault(FaultKind kind) const {
        return request_faults[static_cast<std::size_t>(kind)];
    }

    /// Whether the invariant holds, for a client with no request left.
    bool is_consistent() const {
        return admitted == completed + failed && in_flight == 0 && waiting == 0;
    }
};

}  // namespace skein
