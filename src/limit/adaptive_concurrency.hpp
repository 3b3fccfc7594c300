#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>

namespace skein {

// An adaptive concurrency limit: how many attempts may be under way at one endpoint, which is for
// the endpoint to say. Never less than one, nor more than `most`.
//
// A push-back (429, 503, 529) is load only if it falls when the load falls. So a cut is a trial:
//
//     pushed back beyond noise   nothing enters for a moment, until all push-backs are in; of those
//                                under way the others are what the endpoint has room for, and 0.9
//                                of it is the limit for the trial
//     the share falls by half    it was the load: what it has room for is the limit, and grows with
//                                each good round, by a sixteenth and then twice as much each time
//     the share does not fall    it was noise: the limit is restored at once, and that share is
//                                what is usual from now on
//
// A share of up to 5 % above what is usual is noise, and so is what chance alone may bring (three
// standard deviations). Shares are of what began since the last change, up to the youngest attempt
// that has ended (RecentAttempts tells why). A round is as many attempts as there are places, of
// which at least half were taken at one moment, for only those show anything.
class AdaptiveConcurrency {
public:
    enum class Turn : std::uint8_t { none, cut, restored, recovered };
    struct Mark {
        std::uint64_t number = 0;
        TimePoint since{};
    };

    explicit AdaptiveConcurrency(std::size_t most);

    // `taken`: places.
    TimePoint ready_at(TimePoint now, std::size_t taken) const;

    // `taken`: with that of the attempt that enters.
    Mark enter(TimePoint now, std::size_t taken);
    // `taken`: without that of the attempt that leaves.
    Turn leave(TimePoint now, const Mark& mark, bool pushed_back, std::size_t taken);

    // The endpoint is back after it was gone: it may still be weak. One place, then twice as many
    // after each round, up to what there were.
    void start_slowly();

    std::size_t places() const { return places_; }
    std::size_t most() const { return most_; }

    // What the last turn was decided by.
    struct Evidence {
        std::size_t from = 0;   // Places before,
        std::size_t to = 0;     // and after.
        std::size_t began = 0;  // Attempts that were looked at,
        std::size_t pushed_back = 0;
    };
    const Evidence& evidence() const { return evidence_; }

private:
    enum class State : std::uint8_t { calm, holding, trying };
    struct Trial {
        std::size_t from;  // Places when it began,
        double share;      // of which so many were pushed back,
        std::size_t room;  // and those that were under way and were not.
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

    std::size_t most_;
    std::size_t places_;
    State state_ = State::calm;
    TimePoint held_until_ = TimePoint::min();
    TimePoint judge_at_ = never;  // In a trial in which nothing has been answered.
    double usual_ = 0;            // Share of push-backs that has been shown to be noise.
    Trial trial_{};
    bool was_load_ = false;        // The last time.
    std::size_t step_ = 1;         // Of growth.
    std::size_t slow_until_ = 0;   // Places up to which it doubles.
    std::uint64_t last_ = 0;       // Number of the youngest that began.
    std::uint64_t base_ = 0;       // Of the last before the last change.
    std::uint64_t youngest_ = 0;   // Of the youngest that has ended.
    std::size_t ended_ = 0;        // Since the last change, of those that began since,
    std::size_t pushed_back_ = 0;  // of these, pushed back;
    std::size_t busiest_ = 0;      // and the most places taken since.
    Evidence evidence_{};
};

}  // namespace skein
