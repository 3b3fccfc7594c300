// Timers for many deadlines that mostly move later: a binary heap with lazy updates.
//
// Moving a deadline later only stores the new time; the heap entry is corrected when it reaches the
// top. A key has at most one heap entry, so a million requests on 64 keys cost 64 entries. Not
// thread-safe.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace skein::wire {

class Timers {
public:
    using Key = std::uint32_t;

    // Sets or moves the deadline of the key; `never` removes it.
    void set(Key key, TimePoint due);

    // Lower bound of the earliest deadline. If it is too early, `pop` returns nothing at that time.
    TimePoint next() const { return heap_.empty() ? never : heap_.front().at; }

    // Removes and returns a key whose deadline has passed. Call until it returns nothing.
    std::optional<Key> pop(TimePoint now);

    std::size_t places() const { return heap_.size(); }

private:
    static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
    struct Entry {
        TimePoint at;
        Key key;
    };
    struct Slot {
        TimePoint due = never;
        std::uint32_t place = nowhere;
    };

    void put(std::size_t place, Entry entry);
    void rise(std::size_t place);
    void sink(std::size_t place);
    void drop_first();

    std::vector<Entry> heap_;
    std::vector<Slot> slots_;
};

}  // namespace skein::wire
