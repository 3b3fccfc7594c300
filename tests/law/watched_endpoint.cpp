#include "law/watched_endpoint.hpp"

#include <algorithm>

namespace skein::law {

std::string WatchedEndpoint::started(TimePoint now, const Try& which, int cost, bool alone) {
    if (shut_) return "sent to an endpoint that is closed";
    if (!is_there_) return "sent to a worker that is not there";
    int paid = 0;
    if (state_ == State::closed) {
        paid = cost <= quota_ ? cost : 0;
        if (cost > quota_ && !alone) return "a retry beyond the quota";
    } else {
        if (state_ == State::open && now < opens_) return "sent through an open circuit";
        if (state_ == State::half_open && probe_) return "two probes at once";
        if (state_ == State::open) change(now, State::half_open);
        probe_ = which;
    }
    quota_ -= paid;
    flying_.emplace(which, Flight{now, paid});
    return "";
}

void WatchedEndpoint::ended(TimePoint now, const Try& which, const AttemptResult* result) {
    const auto flight = flying_.extract(which).mapped();
    const auto* fault = result ? std::get_if<Fault>(&result->outcome) : nullptr;
    auto verdict = result ? Verdict::healthy : Verdict::neutral;
    auto effect = Effect::none;
    if (fault) {
        verdict = row_of(fault->kind).verdict;
        effect = row_of(fault->kind).effect;
        const auto pause = fault->retry_after.value_or(0s);
        const bool parks = fault->kind == FaultKind::quota || pause > 2min;
        // It may take a tenth longer.
        if (parks && pause > 0s) {
            parked_until_ = std::max(parked_until_, now + pause * 11 / 10);
        }
    }
    if (effect == Effect::vanish && flight.since >= appeared_) is_there_ = false;
    if (result && !fault) quota_ = std::min(500, quota_ + std::max(1, flight.paid));
    refusals_ = effect == Effect::close_in_a_row ? refusals_ + 1 : 0;
    shut_ = shut_ || (fault && closes_endpoint(*fault)) || refusals_ == 5;
    judge(now, which, flight.since, verdict);
}

void WatchedEndpoint::told(TimePoint now, Standing standing) {
    is_there_ = standing == Standing::there;
    shut_ = shut_ || standing == Standing::shut;
    if (!is_there_) return;
    appeared_ = now;
    change(now, State::closed);
}

void WatchedEndpoint::judge(TimePoint now, const Try& which, TimePoint since, Verdict verdict) {
    if (since < changed_) return;  // It began before the last change of state.
    if (state_ == State::half_open) {
        if (probe_ != which) return;
        probe_.reset();
        if (verdict == Verdict::unhealthy) return change(now, State::open);
        if (verdict == Verdict::healthy && ++probes_well_ == 3) change(now, State::closed);
        return;
    }
    if (state_ == State::open || verdict == Verdict::neutral) return;
    verdicts_.emplace_back(now, verdict == Verdict::unhealthy);
    if (has_seen_enough(now)) change(now, State::open);
}

// Five in a row, or half of twenty or more in ten seconds, counted by the second.
bool WatchedEndpoint::has_seen_enough(TimePoint now) const {
    const auto fault = [](const auto& verdict) { return verdict.second; };
    const auto count = verdicts_.size();
    if (count >= 5 && std::all_of(verdicts_.end() - 5, verdicts_.end(), fault)) return true;
    const auto second = [](TimePoint at) { return std::chrono::floor<std::chrono::seconds>(at); };
    const auto recent = std::find_if(verdicts_.begin(), verdicts_.end(), [&](const auto& verdict) {
        return second(verdict.first) > second(now) - 10s;
    });
    return verdicts_.end() - recent >= 20 &&
           2 * std::count_if(recent, verdicts_.end(), fault) >= verdicts_.end() - recent;
}

void WatchedEndpoint::change(TimePoint now, State state) {
    if (state_ == State::closed) away_since_ = now;
    // A quarter of the time it has been away, from a second to a minute, a fifth less at most.
    if (state == State::open) {
        opens_ = now + std::clamp<Duration>((now - away_since_) / 4, 1s, 60s) * 8 / 10;
    }
    state_ = state;
    changed_ = now;
    verdicts_.clear();
    probe_.reset();
    probes_well_ = 0;
}

}  // namespace skein::law
