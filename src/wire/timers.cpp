#include "wire/timers.hpp"

#include <utility>

namespace skein::wire {

// An earlier deadline moves the heap entry at once, because it must not fire late. A later one, or
// `never`, is only stored: `pop` corrects the entry when it reaches the top.
void Timers::set(Key key, TimePoint due) {
    if (key >= slots_.size()) slots_.resize(key + 1);
    auto& slot = slots_[key];
    slot.due = due;
    if (due == never) return;
    if (slot.place == nowhere) {
        heap_.push_back({due, key});
        slot.place = static_cast<std::uint32_t>(heap_.size() - 1);
        rise(slot.place);
    } else if (due < heap_[slot.place].at) {
        heap_[slot.place].at = due;
        rise(slot.place);
    }
}

// Each turn of the loop returns a key, drops an entry, or moves it to a later time, so the loop
// ends.
std::optional<Timers::Key> Timers::pop(TimePoint now) {
    while (!heap_.empty() && heap_.front().at <= now) {
        const Key key = heap_.front().key;
        const TimePoint due = slots_[key].due;
        if (due <= now) {
            slots_[key].due = never;
            drop_first();
            return key;
        }
        if (due == never) {
            drop_first();
        } else {
            heap_.front().at = due;
            sink(0);
        }
    }
    return std::nullopt;
}

// Moves an entry, and keeps the back reference of its slot correct.
void Timers::put(std::size_t place, Entry entry) {
    heap_[place] = entry;
    slots_[entry.key].place = static_cast<std::uint32_t>(place);
}

// Both sift functions move a hole instead of swapping, so that each step writes one entry.
void Timers::rise(std::size_t place) {
    const Entry entry = heap_[place];
    while (place > 0) {
        const auto parent = (place - 1) / 2;
        if (heap_[parent].at <= entry.at) break;
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, entry);
}

void Timers::sink(std::size_t place) {
    const Entry entry = heap_[place];
    while (true) {
        auto child = 2 * place + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at) ++child;
        if (heap_[child].at >= entry.at) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, entry);
}

// The last entry takes the place of the first and sinks.
void Timers::drop_first() {
    slots_[heap_.front().key].place = nowhere;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    heap_.front() = last;
    sink(0);
}

}  // namespace skein::wire
