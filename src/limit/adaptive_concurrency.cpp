#include "limit/adaptive_concurrency.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace skein {
namespace {

constexpr double noise = 0.05;
constexpr double deviations = 3;
constexpr std::size_t least_pushed_back = 5;   // Fewer may be anything.
constexpr std::size_t enough_for_a_look = 64;  // Attempts, after which a look begins anew.
constexpr Duration longest_hold = std::chrono::milliseconds{100};
constexpr double of_room = 0.9;          // In a trial.
constexpr double expected_in_trial = 6;  // Push-backs, if it is noise.
constexpr double closed_door = 0.9;      // A share beyond it is no noise.
constexpr double much_more = 0.25;       // Between the shares before and in a trial.
constexpr std::size_t first_step = 16;   // A sixteenth.

double as_double(std::size_t count) { return static_cast<double>(count); }

// How long a trial must be to tell noise from load.
std::size_t attempts_for_trial(double share) {
    const double wanted = std::ceil(expected_in_trial / share);
    return static_cast<std::size_t>(std::clamp(wanted, 12.0, 256.0));
}

std::size_t part_of(std::size_t places, double share) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(as_double(places) * share));
}

}  // namespace

AdaptiveConcurrency::AdaptiveConcurrency(std::size_t most) : most_{most}, places_{most} {
    SKEIN_ASSERT(most > 0);
}

TimePoint AdaptiveConcurrency::ready_at(TimePoint now, std::size_t taken) const {
    if (state_ != State::holding) return taken < places_ ? now : never;
    if (now < held_until_) return held_until_;
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
        trial_.room -= pushed_back && trial_.room > 1 ? 1 : 0;
        if (now >= held_until_) begin_trial();
    }
    const bool counts = mark.number > base_;  // It began at this limit.
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
    slow_until_ = std::max(slow_until_, state_ == State::calm ? places_ : trial_.from);
    state_ = State::calm;
    set(1);
}

double AdaptiveConcurrency::share() const {
    return as_double(pushed_back_) / as_double(std::max<std::size_t>(1, began()));
}

bool AdaptiveConcurrency::is_beyond_noise() const {
    if (places_ == 1 || pushed_back_ < least_pushed_back) return false;
    // A few attempts in a limit that is hardly used are the end of a job, and no load.
    if (busiest_ * 2 < places_ && began() < enough_for_a_look) return false;
    const double expected = std::min(1.0, usual_ + noise) * as_double(began());
    return as_double(pushed_back_) > expected + deviations * std::sqrt(expected);
}

void AdaptiveConcurrency::hold(TimePoint now, Duration time_to_push_back, std::size_t taken) {
    state_ = State::holding;
    held_until_ = now + std::min(3 * time_to_push_back, longest_hold);
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

// Noise shows as soon as three quarters of the push-backs are there that it would bring; that it is
// load shows at the end. What is under way does not count here: push-backs may be as slow as
// answers, and where it is load there are none, fast or slow. While nothing has been answered it is
// waited a moment longer, for it may be that nothing is any more.
AdaptiveConcurrency::Turn AdaptiveConcurrency::look_at_trial(TimePoint now) {
    const auto wanted = attempts_for_trial(trial_.share);
    const bool shows_noise = as_double(pushed_back_) >= 0.75 * trial_.share * as_double(wanted);
    if (!shows_noise && ended_ < wanted) return Turn::none;
    if (judge_at_ == never) judge_at_ = now + longest_hold;
    if (pushed_back_ == ended_ && now < judge_at_) return Turn::none;
    const double half = 0.5 * trial_.share * as_double(ended_);
    if (as_double(pushed_back_) < std::max(2.0, half)) return end_trial(false);
    const bool is_closed_door = share() >= closed_door;  // A share that no noise has.
    if (is_closed_door && places_ == 1) return end_trial(false);
    const bool is_much_more = share() > trial_.share + much_more;  // It was not yet all.
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
        step_ = std::max<std::size_t>(1, trial_.room / first_step);
        set(std::min(trial_.room, trial_.from));
        return Turn::none;
    }
    evidence_ = {places_, trial_.from, began(), pushed_back_};
    usual_ = std::max(trial_.share, share());
    set(trial_.from);
    return Turn::restored;
}

// Nothing is learned from a round with too much noise in it; it is looked at a little longer. After
// an outage half of a round is enough: what is usual there is not known yet.
AdaptiveConcurrency::Turn AdaptiveConcurrency::end_round() {
    const double enough = places_ < slow_until_ ? 0.5 : usual_ + noise;
    const bool is_good = as_double(pushed_back_) <= enough * as_double(began());
    if (places_ < most_ && is_good && busiest_ * 2 >= places_) {
        const auto places = after_a_good_round();
        evidence_ = {places_, places, began(), pushed_back_};
        set(places);
        return places_ == most_ && was_load_ ? Turn::recovered : Turn::none;
    }
    // At a few places it is forgotten sooner: the server may have room again.
    if (began() >= std::max(places_, std::min(4 * places_, enough_for_a_look))) {
        if (is_good) usual_ = std::min(usual_, (usual_ + share()) / 2);
        set(places_);
    }
    return Turn::none;
}

std::size_t AdaptiveConcurrency::after_a_good_round() {
    if (places_ < slow_until_) return std::min({places_ * 2, slow_until_, most_});
    const auto next = std::min(places_ + step_, most_);
    step_ = std::min(step_ * 2, most_);
    return next;
}

void AdaptiveConcurrency::set(std::size_t places) {
    places_ = places;
    base_ = youngest_ = last_;
    judge_at_ = never;
    ended_ = pushed_back_ = 0;
    busiest_ = 0;
}

}  // namespace skein
