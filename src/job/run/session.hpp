#pragma once
#include "client/core.hpp"
#include "job/journal/sync_thread.hpp"
#include "job/output/ordered_output.hpp"
#include "job/run/content.hpp"
#include "job/run/found.hpp"
#include "job/run/gate.hpp"
#include "job/run/preflight.hpp"
#include "job/run/recorder.hpp"

#include <skein/run.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace skein {

// One run, from the opened journal to the last output line. Lives during one call of `Run::run`.
//
// The thread that calls `run` reads the input. Replies are recorded on the delivery thread. The two
// threads share the gate only.
class RunSession {
public:
    // `on_stop` is called once, on the thread of the first stop: it interrupts a read that waits
    // for input.
    RunSession(
        const Job& job,
        Preflight preflight,
        std::unique_ptr<Opened> opened,
        job::OrderedOutput output,
        std::function<void()> on_stop
    );

    Expected<Tally, RunError> run();

    // Any thread.
    void stop(RunError why) { gate_.stop(std::move(why)); }
    void cancel();
    Progress progress();

private:
    std::optional<RunError> read_all();
    bool may_read_on();
    std::optional<RunError> take(const job::Row& row);
    void ask(const job::Row& row, const job::KnownRows::Match& match);
    void send();
    void hand_over_known();
    std::optional<RunError> end_of_input();
    void wait_for_the_last();
    Expected<bool, RunError> finish();
    RunError with_standing(RunError why) const;
    std::uint64_t kept(const Gate::Counts& counts) const;
    Tally tally();
    bool keeps_places() const;
    job::SyncThread* begin_sync_thread();
    void record(const AskedRow& row, const Reply& reply);
    void flush();

    const Job& job_;
    Preflight preflight_;
    std::unique_ptr<Opened> opened_;  // The output refers to the journal in it.
    job::OrderedOutput output_;
    Gate gate_;
    std::optional<job::SyncThread> sync_;  // Only with `durability: interval`.
    Recorder recorder_;
    std::vector<KnownRow> known_;
    std::uint64_t known_failed_ = 0;
    std::vector<Core::Question> unsent_;
    std::unordered_set<std::uint64_t> ids_;  // Hashes of the ids of a stream, to find duplicates.
    std::uint64_t next_number_ = 0;
    std::atomic<bool> cancelled_ = false;
    std::atomic<std::uint64_t> blank_lines_ = 0;  // Set at the end of the input.
    Core core_;  // Last, so that it is destroyed first: its threads use all members above.
};

// An exception of our own code as an error, for places that no exception may leave.
RunError internal_failure(const char* what);

}  // namespace skein
