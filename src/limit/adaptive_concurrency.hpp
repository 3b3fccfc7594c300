#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>

namespace skein {

// An adaptive concurrency limit, related to AIMD (additive increase, multiplicative decrease): how
// many attempts may be in flight at one endpoint. The endpoint's push-backs (429, 503, 529) set the
// limit, between 1 and `max`.
//
// A push-back is a sign of load only if its share falls when the load falls. So each cut is a
// trial, an experiment with three states (calm, holding, trying):
//
//     push-backs beyond noise    no attempt enters for at most 100 ms, so that all push-backs come
//                                in. The attempts in flight that are not pushed back are the room
//                                of the endpoint. The limit of the trial is 0.9 of that room
//     their share falls by half  the cause was load: the limit becomes the room, and grows after
//                                each good round, by a sixteenth first, then by twice as much each
//                                time
//     their share stays          the cause was noise: the limit is restored at once, and that share
//                                counts as usual from then on
//
// Noise is a share of up to 5 % above the usual share, and any excess that chance explains (three
// standard deviations). A share is counted over the attempts that began since the last change of
// the limit, up to the youngest attempt that has ended (see RecentAttempts for the reason). A round
// has as many attempts as the limit has places. A round raises the limit only if at least half of
// the places were in use at one moment, because an idle endpoint proves nothing.
//
// Pure: no clock, no lock. One thread at a time.
class AdaptiveConcurrency {
public:
    enum class Turn : std::uint8_t { none, cut, restored, recovered };
    struct Mark {
        std::uint64_t number = 0;
        TimePoint since{};
    };

    explicit AdaptiveConcurrency(std::size_t max);

    // When the next attempt may enter. `taken`: attempts in flight.
    TimePoint ready_at(TimePoint now, std::size_t taken) const;

    // `taken`: attempts in flight, including the one that enters. Keep the mark for `leave`.
    Mark enter(TimePoint now, std::size_t taken);
    // `taken`: attempts in flight, without the one that leaves.
    Turn leave(TimePoint now, const Mark& mark, bool pushed_back, std::size_t taken);

    // Slow start after an outage, because the endpoint may still be weak: one place, then twice as
    // many after each good round, up to the former limit.
    void start_slowly();

    std::size_t places() const { return places_; }
    std::size_t max() const { return max_; }

    // The numbers behind the last turn, for log messages.
    struct Evidence {
        std::size_t from = 0;   // Places before the change.
        std::size_t to = 0;     // Places after it.
        std::size_t began = 0;  // Attempts in the sample.
        std::size_t pushed_back = 0;
    };
    const Evidence& evidence() const { return evidence_; }

private:
    enum class State : std::uint8_t { calm, holding, trying };
    struct Trial {
        std::size_t from;  // Places before the trial.
        double share;      // Share of push-backs that the trial is compared with.
        std::size_t room;  // Attempts in flight that were not pushed back.
    };

    std::size_t began() const { return static_cast<std::size_t>(youngest_ - base_); }
    double share() const;
    bool is_beyond_noise() const;
    void hold(TimePoint now, Duration time_to_push_back, std::size_t taken);
    std::size_t places_of_trial() const;
    void begin_trial();
    Turn look_at_trial(TimePoint now);
    Turn end_trial(bool is_noise);
    Turn end_round();
    std::size_t after_a_good_round();
    void set(std::size_t places);

    std::size_t max_;
    std::size_t places_;
    State state_ = State::calm;
    TimePoint held_until_ = TimePoint::min();
    TimePoint judge_at_ = never;  // Earliest verdict of a trial that has no answer yet.
    double usual_ = 0;            // The usual share of push-backs, known to be noise.
    Trial trial_{};
    bool was_load_ = false;        // Result of the last trial.
    std::size_t step_ = 1;         // Places to add after the next good round.
    std::size_t slow_until_ = 0;   // Slow start doubles the limit up to here.
    std::uint64_t last_ = 0;       // Number of the youngest attempt that began.
    std::uint64_t base_ = 0;       // Number of the last attempt before the last change.
    std::uint64_t youngest_ = 0;   // Number of the youngest attempt that has ended.
    std::size_t ended_ = 0;        // Attempts that began and ended since the last change.
    std::size_t pushed_back_ = 0;  // Of these, pushed back.
    std::size_t busiest_ = 0;      // Maximum of places taken since the last change.
    Evidence evidence_{};
};

}  // namespace skein
