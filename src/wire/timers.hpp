// Many deadlines that mostly move later, behind one clock.
//
// A deadline that moves later only writes down a number; its place in the heap is put right when
// it comes up. So a key has one place in the heap at most, and a million requests on 64 keys cost
// 64 places.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace skein::wire {

class Timers {
public:
    using Key = std::uint32_t;

    // `never` takes the deadline away.
    void set(Key key, TimePoint due);

    // Not later than the earliest deadline; it may be earlier, and then `pop` has nothing.
    TimePoint next() const { return heap_.empty() ? never : heap_.front().at; }

    // One whose deadline has come, which is taken away. Ask until there is none.
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
