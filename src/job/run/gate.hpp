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

// Back-pressure and progress counters of a run: the only state that the thread which reads the
// input shares with the thread which writes the output. The reader waits here while too many rows
// or bytes are in memory. Thread-safe.
class Gate {
public:
    struct Bounds {
        std::uint64_t window;  // Maximum of rows that are read and not yet written.
        std::uint64_t held;    // Maximum of requests held in memory.
        std::size_t bytes;     // Maximum of bytes of these requests.
        // Low-water mark: a waiting reader is woken when at most so many requests are held.
        std::uint64_t enough = ~std::uint64_t{0};
        // Opening phase: at most so many requests are taken before the first reply has come or the
        // time `opening` has passed.
        std::uint64_t first = ~std::uint64_t{0};
        Duration opening{};
    };
    struct Counts {
        std::uint64_t taken = 0;     // Rows that were read and numbered.
        std::uint64_t asked = 0;     // Rows of `taken` without a reply from an earlier run.
        std::uint64_t answered = 0;  // Rows of `asked` that have a reply, be it a fault.
        std::uint64_t done = 0;      // Rows in the journal.
        std::uint64_t written = 0;   // Rows in the output.
        std::uint64_t left_out = 0;  // Rows that stay undone and are missing from the output.
        std::uint64_t resumed = 0;
        std::uint64_t failed_lines = 0;
        Duration stalled{};
        std::optional<std::uint64_t> oldest;  // Line of the oldest request in flight.
    };

    // `on_stop` is called once, on the thread of the first `stop`, after the reason is stored.
    explicit Gate(Bounds bounds, std::function<void()> on_stop = {})
        : bounds_{bounds}, on_stop_{std::move(on_stop)} {}

    // Reader thread: waits until one more row may be taken. False if the run is to stop. A reader
    // that had to wait goes on only when there is room for many rows (hysteresis), because a
    // wake-up for every row is expensive.
    bool wait_for_room();
    // True if `wait_for_room` would return true without waiting.
    bool has_room() const;
    void take_asked(std::uint64_t line, std::size_t bytes);
    void take_known(std::uint64_t count, std::uint64_t failed);
    // Waits until every asked row has a reply, or the run is to stop, or the time `until` has come.
    // True if every asked row has a reply.
    bool wait_until_answered(TimePoint until, bool also_if_stopping);

    // Delivery thread, which writes.
    void answered(std::uint64_t line, std::size_t bytes);
    void journaled(std::uint64_t count, std::uint64_t failed);
    void written(std::uint64_t total);
    void left_out();  // One more row stays undone.

    // Any thread. The first reason is kept; later ones are ignored.
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
