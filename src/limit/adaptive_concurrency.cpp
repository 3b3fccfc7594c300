// The adaptive concurrency limit: a state machine (calm, holding, trying) that turns push-backs of
// an endpoint into a limit. The header explains the rules.
// Invariant: 1 <= places_ <= max_, and the counters speak only of attempts that began after base_.
// Pure: no clock, no lock; the dispatcher calls it on the control thread.
#include "limit/adaptive_concurrency.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace skein {
namespace {

constexpr double noise = 0.05;
constexpr double deviations = 3;
constexpr std::size_t min_pushed_back = 5;     // Fewer prove nothing.
constexpr std::size_t enough_for_a_look = 64;  // Attempts, after which the sample starts again.
constexpr Duration max_hold = std::chrono::milliseconds{100};
constexpr double of_room = 0.9;          // The part of the room that a trial uses.
constexpr double expected_in_trial = 6;  // Push-backs in a trial, if they are noise.
constexpr double closed_door = 0.9;      // From this share on push-backs are not noise.
constexpr double much_more = 0.25;       // Rise of the share from before a trial.
constexpr std::size_t first_step = 16;   // Growth starts with a sixteenth of the room.

double as_double(std::size_t count) { return static_cast<double>(count); }

// The number of attempts that a trial needs to tell noise from load. Rare push-backs need a longer
// trial, because a few attempts without one would prove nothing.
std::size_t attempts_for_trial(double share) {
    const double wanted = std::ceil(expected_in_trial / share);
    return static_cast<std::size_t>(std::clamp(wanted, 12.0, 256.0));
}

std::size_t part_of(std::size_t places, double share) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(as_double(places) * share));
}

}  // namespace

AdaptiveConcurrency::AdaptiveConcurrency(std::size_t max) : max_{max}, places_{max} {
    SKEIN_ASSERT(max > 0);
}

TimePoint AdaptiveConcurrency::ready_at(TimePoint now, std::size_t taken) const {
    if (state_ != State::holding) return taken < places_ ? now : never;
    if (now < held_until_) return held_until_;
    // The next `enter` begins the trial, so the limit of the trial counts already.
    return taken < places_of_trial() ? now : never;
}

AdaptiveConcurrency::Mark AdaptiveConcurrency::enter(TimePoint now, std::size_t taken) {
    if (state_ == State::holding) begin_trial();
    busiest_ = std::max(busiest_, taken);
    return {++last_, now};
}

AdaptiveConcurrency::Turn AdaptiveConcurrency::leave(
    TimePoint now, const Mark& mark, bool pushed_back, std::size_t taken
) {
    if (state_ == State::holding) {
        // Each push-back shows one attempt too many. The rest is the room of the endpoint.
        trial_.room -= pushed_back && trial_.room > 1 ? 1 : 0;
        if (now >= held_until_) begin_trial();
    }
    const bool counts = mark.number > base_;  // The attempt began under the present limit.
    if (counts) {
        youngest_ = std::max(youngest_, mark.number);
        ++ended_;
        pushed_back_ += pushed_back ? 1 : 0;
    }
    switch (state_) {
        case State::calm:
            break;
        case State::holding:
            return Turn::none;
        case State::trying:
            return look_at_trial(now);
    }
    if (!counts) return Turn::none;
    if (pushed_back && is_beyond_noise()) {
        hold(now, now - mark.since, taken);
        evidence_ = {places_, places_of_trial(), began(), pushed_back_};
        return Turn::cut;
    }
    return began() >= places_ ? end_round() : Turn::none;
}

void AdaptiveConcurrency::start_slowly() {
    // A hold or a trial is dropped, and the limit from before it is the aim.
    slow_until_ = std::max(slow_until_, state_ == State::calm ? places_ : trial_.from);
    state_ = State::calm;
    set(1);
}

double AdaptiveConcurrency::share() const {
    return as_double(pushed_back_) / as_double(std::max<std::size_t>(1, began()));
}

bool AdaptiveConcurrency::is_beyond_noise() const {
    if (places_ == 1 || pushed_back_ < min_pushed_back) return false;
    // A small sample while less than half of the limit is in use is the end of a job, not load.
    if (busiest_ * 2 < places_ && began() < enough_for_a_look) return false;
    const double expected = std::min(1.0, usual_ + noise) * as_double(began());
    return as_double(pushed_back_) > expected + deviations * std::sqrt(expected);
}

void AdaptiveConcurrency::hold(TimePoint now, Duration time_to_push_back, std::size_t taken) {
    state_ = State::holding;
    held_until_ = now + std::min(3 * time_to_push_back, max_hold);
    trial_ = {places_, 0, std::clamp<std::size_t>(taken, 1, places_)};
}

std::size_t AdaptiveConcurrency::places_of_trial() const {
    return std::min(part_of(trial_.room, of_room), std::max<std::size_t>(1, places_ - 1));
}

void AdaptiveConcurrency::begin_trial() {
    state_ = State::trying;
    trial_.share = share();
    set(places_of_trial());
}

// Judges a running trial. Noise is proved early, by three quarters of the push-backs that noise
// would bring; load is proved only at the end of the trial. Attempts in flight do not count here,
// because push-backs may be as slow as answers. If every ended attempt was pushed back, the verdict
// waits for at most `max_hold`, because the first answers may still come.
AdaptiveConcurrency::Turn AdaptiveConcurrency::look_at_trial(TimePoint now) {
    const auto wanted = attempts_for_trial(trial_.share);
    const bool shows_noise = as_double(pushed_back_) >= 0.75 * trial_.share * as_double(wanted);
    if (!shows_noise && ended_ < wanted) return Turn::none;
    if (judge_at_ == never) judge_at_ = now + max_hold;
    if (pushed_back_ == ended_ && now < judge_at_) return Turn::none;
    const double half = 0.5 * trial_.share * as_double(ended_);
    if (as_double(pushed_back_) < std::max(2.0, half)) return end_trial(false);
    const bool is_closed_door = share() >= closed_door;  // Too large to be noise.
    if (is_closed_door && places_ == 1) return end_trial(false);
    const bool is_much_more = share() > trial_.share + much_more;  // The cut was too small.
    if (places_ > 1 && (is_much_more || is_closed_door)) {
        trial_.share = share();
        trial_.room = part_of(places_, 1 - share());
        set(part_of(trial_.room, of_room));
        return Turn::none;
    }
    return end_trial(true);
}

AdaptiveConcurrency::Turn AdaptiveConcurrency::end_trial(bool is_noise) {
    state_ = State::calm;
    was_load_ = !is_noise;
    if (was_load_) {
        slow_until_ = 0;
        // The limit becomes the measured room, of which the trial used only nine tenths.
        step_ = std::max<std::size_t>(1, trial_.room / first_step);
        set(std::min(trial_.room, trial_.from));
        return Turn::none;
    }
    evidence_ = {places_, trial_.from, began(), pushed_back_};
    // From now on this share is usual, or the next push-backs would start the same trial again.
    usual_ = std::max(trial_.share, share());
    set(trial_.from);
    return Turn::restored;
}

// A round ends: raise the limit if the round was good. A round with too many push-backs changes
// nothing; the sample goes on. In slow start after an outage a round is good with up to half of it
// pushed back, because the usual share is not known yet.
AdaptiveConcurrency::Turn AdaptiveConcurrency::end_round() {
    const double enough = places_ < slow_until_ ? 0.5 : usual_ + noise;
    const bool is_good = as_double(pushed_back_) <= enough * as_double(began());
    if (places_ < max_ && is_good && busiest_ * 2 >= places_) {
        const auto places = after_a_good_round();
        evidence_ = {places_, places, began(), pushed_back_};
        set(places);
        return places_ == max_ && was_load_ ? Turn::recovered : Turn::none;
    }
    // The sample starts again after 4 rounds or 64 attempts, whichever is less, but one round at
    // least. A small limit thus forgets sooner: the server may have room again.
    if (began() >= std::max(places_, std::min(4 * places_, enough_for_a_look))) {
        if (is_good) usual_ = std::min(usual_, (usual_ + share()) / 2);
        set(places_);
    }
    return Turn::none;
}

std::size_t AdaptiveConcurrency::after_a_good_round() {
    if (places_ < slow_until_) return std::min({places_ * 2, slow_until_, max_});
    const auto next = std::min(places_ + step_, max_);
    step_ = std::min(step_ * 2, max_);
    return next;
}

// Begins a new sample. Attempts that began before it say nothing about the new limit.
void AdaptiveConcurrency::set(std::size_t places) {
    places_ = places;
    base_ = youngest_ = last_;
    judge_at_ = never;
    ended_ = pushed_back_ = 0;
    busiest_ = 0;
}

}  // namespace skein
