/// What happened, counted.
#pragma once
#include <skein/fault.hpp>
#include <skein/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skein {

/// What one endpoint did.
struct EndpointTally {
    std::string name{};
    std::uint64_t attempts = 0;
    std::uint64_t completed = 0;  ///< Of these, that were answered by a completion.
    std::uint64_t outages = 0;    ///< Times its circuit opened, until it closed again.
    std::string closed{};         ///< Why it is closed for the rest of the run; empty if it is not.
    std::uint64_t places = 0;     ///< Attempts that may be in flight here now; 0: not known.
    std::uint64_t most_places = 0;  ///< As many as its settings allow; 0: not known.
    /// What it is waited for, such as "asked for 90 s, 41 s left"; empty if it is not.
    std::string waits_for{};
};

/// Rows of a job that failed alike: by the same fault in the same words, numbers aside.
struct FailureGroup {
    std::string code{};   ///< The name of the fault, as in output lines: `rejected`.
    std::string words{};  ///< Of the first of them, ours and the server's. Cut; foreign text.
    std::uint64_t rows = 0;
    std::vector<std::string> ids{};  ///< `custom_id` of the first three. Cut; foreign text.
};

/// Answers by the reason the server gave for their end.
struct FinishReason {
    std::string name{};  ///< `stop`, `length` … Cut; foreign text.
    std::uint64_t answers = 0;
};

/// What the replies in a journal have used up.
struct Spent {
    std::uint64_t answers = 0;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    double cost = 0;
};

/// A snapshot of the counts of a client or a run. When all is done they obey a law:
///
///     admitted = completed + failed        in_flight = 0
///     attempts - never_sent = attempts that the server saw
///
/// `lawful()` checks what can be checked from here.
struct Tally {
    std::uint64_t admitted = 0;      ///< Requests taken on.
    std::uint64_t completed = 0;     ///< Of these, replied with a completion.
    std::uint64_t failed = 0;        ///< Of these, replied with a fault, cancelled ones included.
    std::uint64_t written = 0;       ///< Jobs only: output lines, those of earlier runs included.
    std::uint64_t resumed = 0;       ///< Jobs only: of `written`, found in the journal, not asked.
    std::uint64_t failed_lines = 0;  ///< Jobs only: of `written`, those that hold a fault.
    /// Jobs only: of `failed`, rows whose time was over before any server had worked on them. They
    /// stay undone.
    std::uint64_t left_out = 0;
    /// Jobs only: blank lines of the input that are no rows; known when the input was read to its
    /// end.
    std::uint64_t blank_lines = 0;
    std::uint64_t attempts = 0;    ///< Tries that were started, first ones and retries.
    std::uint64_t never_sent = 0;  ///< Of these, that provably never left (connect, TLS).
    std::uint64_t retries = 0;     ///< Of these, second and later tries of a request.
    std::uint64_t hedges = 0;      ///< Of these, made beside one whose answer was late to begin.
    std::uint64_t in_flight = 0;   ///< Attempts under way now.
    std::uint64_t most_in_flight = 0;        ///< The most there were at once.
    std::uint64_t waiting = 0;               ///< Requests in line or pausing now.
    std::uint64_t input_tokens = 0;          ///< As servers counted them.
    std::uint64_t output_tokens = 0;         ///< As servers counted them.
    std::uint64_t usage_missing = 0;         ///< Completions without a count of tokens.
    double cost = 0;                         ///< Of completions, by the prices of their endpoints.
    std::vector<EndpointTally> endpoints{};  ///< In the order of the settings.

    static constexpr std::size_t kinds = static_cast<std::size_t>(FaultKind::internal) + 1;
    std::array<std::uint64_t, kinds> attempt_faults{};  ///< Attempts by how they failed.
    std::array<std::uint64_t, kinds> request_faults{};  ///< Requests by how they failed for good.

    std::uint64_t rows = 0;       ///< Jobs only: of the input; 0 while it is not known.
    std::uint64_t done = 0;       ///< Jobs only: rows with a reply in the journal, of all runs.
    std::uint64_t not_asked = 0;  ///< Jobs only: failed rows that are not in `admitted`: bad input.
    Spent earlier{};              ///< Jobs only: by the earlier runs of the same journal.
    std::vector<FailureGroup> failures{};  ///< Jobs only: failed rows, the largest group first.
    std::uint64_t other_failures = 0;      ///< Jobs only: failed rows that are in no group.
    std::vector<FinishReason> finish_reasons{};  ///< Jobs only: of this run's answers.

    Duration elapsed{};          ///< Since the client or run began.
    Duration first_token_p50{};  ///< Time to first token, streams only; 0 if there were none.
    Duration first_token_p99{};  ///< Quantiles are within 2 %.
    Duration attempt_p50{};      ///< Of attempts that completed.
    Duration attempt_p99{};
    Duration stalled_on_oldest{};  ///< Jobs only: time that the window was full behind one request.

    /// How long an event loop was kept by one turn of its work: no other transfer moved meanwhile.
    /// A turn usually takes well under a millisecond; `most` beyond 50 ms is worth a look.
    Duration loop_stall_p99{};
    Duration loop_stall_most{};

    std::uint64_t attempt_fault(FaultKind kind) const {
        return attempt_faults[static_cast<std::size_t>(kind)];
    }
    std::uint64_t request_fault(FaultKind kind) const {
        return request_faults[static_cast<std::size_t>(kind)];
    }

    /// Does the law hold, for a client at rest?
    bool lawful() const { return admitted == completed + failed && in_flight == 0 && waiting == 0; }
};

}  // namespace skein
