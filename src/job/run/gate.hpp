#pragma once
#include "base/free_lists.hpp"

#include <skein/error.hpp>
#include <skein/time.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace skein {

// How far a run has come, and who must wait: the one thing that the thread which reads the input
// shares with the one that writes the output.
class Gate {
public:
    struct Bounds {
        std::uint64_t window;  // Most rows taken on and not yet written.
        std::uint64_t held;    // Most requests held in memory.
        std::size_t bytes;     // And their bytes.
        // A reader that had to wait is woken when no more are held than this.
        std::uint64_t enough = ~std::uint64_t{0};
        // No more than so many are held before one is answered, or `opening` has passed.
        std::uint64_t first = ~std::uint64_t{0};
        Duration opening{};
    };
    struct Counts {
        std::uint64_t taken = 0;     // Rows read, and numbered.
        std::uint64_t asked = 0;     // Of these, not known from an earlier run.
        std::uint64_t answered = 0;  // Of these, replied to, whatever the reply.
        std::uint64_t done = 0;      // Rows in the journal.
        std::uint64_t written = 0;   // Rows in the output.
        std::uint64_t left_out = 0;  // Rows that stay undone, which the output goes on without.
        std::uint64_t resumed = 0;
        std::uint64_t failed_lines = 0;
        Duration stalled{};
        std::optional<std::uint64_t> oldest;  // Line of the oldest request under way.
    };

    // `on_stop` is called once, by the thread that stops it first, after the reason is known.
    explicit Gate(Bounds bounds, std::function<void()> on_stop = {})
        : bounds_{bounds}, on_stop_{std::move(on_stop)} {}

    // The reader: waits for room for one more row. False when the run is to stop. Once it had to
    // wait, it goes on when there is room for many: it is not to be woken for every row.
    bool wait_for_room();
    // Would that return true at once?
    bool has_room() const;
    void take_asked(std::uint64_t line, std::size_t bytes);
    void take_known(std::uint64_t count, std::uint64_t failed);
    // Waits until all that was asked is answered, or the run is to stop, or `until`. True in the
    // first case.
    bool wait_until_answered(TimePoint until, bool also_if_stopping);

    // The writer.
    void answered(std::uint64_t line, std::size_t bytes);
    void journaled(std::uint64_t count, std::uint64_t failed);
    void written(std::uint64_t total);
    void left_out();  // One more row.

    // Anybody. The first reason stays.
    void stop(RunError why);
    std::optional<RunError> stopped() const;
    Counts counts() const;

private:
    bool window_is_full() const {
        return counts_.taken - counts_.written - counts_.left_out >= bounds_.window;
    }
    bool is_opening() const;
    bool is_full() const;
    bool is_worth_waking() const;

    const Bounds bounds_;
    const std::function<void()> on_stop_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Counts counts_;
    FreeLists nodes_;
    std::pmr::set<std::uint64_t> under_way_{&nodes_};
    std::size_t bytes_ = 0;
    TimePoint open_at_ = never;
    bool reader_waits_ = false;
    std::optional<RunError> stopped_;
};

}  // namespace skein
