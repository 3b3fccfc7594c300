/// Runs a job from its input to its output.
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

/// A snapshot of a run.
struct Progress {
    Tally tally{};
    std::uint64_t rows = 0;     ///< Rows of the input without blank lines; 0 until it is known.
    std::uint64_t done = 0;     ///< Rows with a reply in the journal, of earlier runs, too.
    std::uint64_t written = 0;  ///< Rows in the output so far.
    std::optional<std::uint64_t> oldest;  ///< The input line that delays all later ones.
};

/// One row of a trial run, with its reply.
struct Trial {
    std::uint64_t line = 0;   ///< Line in the input, counted from 1.
    std::string custom_id{};  ///< The row's own, or `line-17`.
    std::string url{};        ///< URL of the first attempt; empty if the request is invalid.
    std::string request{};    ///< The body sent to that URL; JSON, without the API key.
    Reply reply{};
};
using OnTrial = std::function<void(const Trial&)>;

/// Runs a job: reads the input, sends the requests, writes every reply to the journal (a
/// write-ahead log) before it counts as done, and writes the output in the chosen order. A run
/// that is killed at any moment can be resumed: the same job, run again, sends only the requests
/// whose replies are not in the journal.
///
/// Threads: call `run` once, on a thread of your own; it blocks. The other functions may be called
/// on any thread before, during and after it.
class Run {
public:
    /// Stores the job. Opens no file and sends nothing.
    explicit Run(Job job);

    /// Cancels a run that is in progress, as `cancel` does, and waits for its end.
    ~Run();

    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    /// A dry run: a description, for people, of what `run` would do. Scans the input, reads the
    /// journal and the output, and builds the requests of the first 100,000 rows, but sends
    /// nothing. Errors: those that `run` has before its first request.
    Expected<std::string, RunError> plan();

    /// Runs the job. Returns the tally if every row has its line in the output; a line may hold a
    /// fault. Errors: `config` (nothing was sent: the input is unreadable, the output may not be
    /// written, the journal belongs to another job …), `policy`, `local` or `stopped`.
    Expected<Tally, RunError> run();

    /// A trial in place of `run`: sends the first rows only, and writes no journal and no output.
    /// Calls `show` for each of these rows, in their order, on the calling thread. Returns the
    /// tally; its `failed_lines` is the number of rows that failed. Errors: those of `run`, except
    /// the errors of the output.
    Expected<Tally, RunError> try_first(std::uint64_t rows, const OnTrial& show);

    /// Graceful stop: takes no more rows, and lets requests in flight finish for at most
    /// `job.grace`. `run` then returns `stopped`. Does not block; a second call has no effect.
    void stop();

    /// Immediate stop: also cancels the requests in flight. Does not block.
    void cancel();

    /// The current counters. Takes microseconds.
    Progress progress() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// `Run{job}.run()`.
Expected<Tally, RunError> run_job(Job job);

}  // namespace skein
