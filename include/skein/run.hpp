/// A job, run to its end.
#pragma once
#include <skein/error.hpp>
#include <skein/job.hpp>
#include <skein/request.hpp>
#include <skein/tally.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace skein {

/// What is known of a run while it goes on.
struct Progress {
    Tally tally{};
    std::uint64_t rows = 0;     ///< Of the input, blank lines left out; 0 while it is not known.
    std::uint64_t done = 0;     ///< Rows whose reply is journaled, those of earlier runs included.
    std::uint64_t written = 0;  ///< Rows in the output so far.
    std::optional<std::uint64_t> oldest;  ///< The input line that all others wait for, if any do.
};

/// A row that was tried, and what came of it.
struct Trial {
    std::uint64_t line = 0;   ///< In the input, from 1.
    std::string custom_id{};  ///< The row's own, or `line-17`.
    std::string url{};        ///< Where the request goes first; empty if it cannot be sent.
    std::string request{};    ///< Its body, as it is sent there; JSON without a key.
    Reply reply{};
};
using OnTrial = std::function<void(const Trial&)>;

/// Runs a job: reads its input, asks, journals every reply before it counts as done, and writes
/// the output in its order. Killed at any moment, the same job run again finishes without asking
/// again what was journaled.
///
/// `run` is called once, on a thread of the caller's, and blocks; the others may be called on any
/// thread while it does, and before and after.
class Run {
public:
    /// Does nothing yet.
    explicit Run(Job job);

    /// Stops a run that is under way, at once, as `cancel` does, and waits for it.
    ~Run();

    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    /// What the job would do, without sending anything: scans the input, looks at the journal and
    /// the output, and makes the requests of the first 100,000 rows. Text for a person. Errors as
    /// `run` has before it begins.
    Expected<std::string, RunError> plan();

    /// The tally, if every row has its line in the output: some may hold a fault. Otherwise why
    /// the run ended before: `config` (nothing was sent: an input that cannot be read, an output
    /// that may not be written, the journal of another job …), `policy`, `local` or `stopped`.
    Expected<Tally, RunError> run();

    /// Asks the first rows alone and writes nothing: no journal, no output. `show` is called for
    /// each of them, in their order, on this thread. In place of `run`. The tally, with
    /// `failed_lines` rows that failed; errors as `run` has, but for those of the output.
    Expected<Tally, RunError> try_first(std::uint64_t rows, const OnTrial& show);

    /// Takes no more rows, and lets what is in flight finish for at most `job.grace`. `run` then
    /// returns `stopped`. Does not wait; a second call does nothing.
    void stop();

    /// Also cancels what is in flight. Does not wait.
    void cancel();

    /// Microseconds.
    Progress progress() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// `Run{job}.run()`.
Expected<Tally, RunError> run_job(Job job);

}  // namespace skein
