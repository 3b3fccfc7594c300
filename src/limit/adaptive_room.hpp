#pragma once
#include <skein/time.hpp>

#include <cstddef>

namespace skein {

// How many places an endpoint has just now, which is for it to say: fewer each time it pushes
// back, slowly more again while it takes what it gets. Never less than one, nor more than `most`.
//
//     pushed back        × 0.7, at most once in five seconds: the others that are told no in the
//                        meantime were sent before we knew
//     a round went well  + 1; a round is as many as there are places
//     started slowly     one place, then twice as many after each round, up to what there were
//
// Only rounds count in which at least half of the places were taken, for only these show anything.
// Who is inside is counted elsewhere, in the Room it stands beside.
class AdaptiveRoom {
public:
    explicit AdaptiveRoom(std::size_t most);

    TimePoint ready_at(TimePoint now, std::size_t taken) const {
        return taken < places_ ? now : never;
    }

    // `taken`: places, with that of the one that went well.
    void went_well(std::size_t taken);
    // It was throttled, or the endpoint said that it is overloaded.
    void pushed_back(TimePoint now);
    // The endpoint is back after it was gone: it may still be weak.
    void start_slowly();

    std::size_t places() const { return places_; }

private:
    std::size_t after_a_good_round() const;

    std::size_t most_;
    std::size_t places_;
    std::size_t slow_until_ = 0;  // Places up to which it doubles.
    std::size_t well_ = 0;        // In this round.
    TimePoint deaf_until_ = TimePoint::min();
};

}  // namespace skein
