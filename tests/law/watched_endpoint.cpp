#include "law/watched_endpoint.hpp"

#include <algorithm>
#include <cmath>

namespace skein::law {

std::string WatchedEndpoint::started(
    TimePoint now, const Try& which, int cost, bool alone, const FailedBefore& failed
) {
    if (shut_) return "sent to an endpoint that is closed";
    if (!is_there_) return "sent to a worker that is not there";
    if (refusals_ >= 5) return "sent to an endpoint that has refused five in a row";
    int paid = 0;
    if (state_ == State::closed) {
        if (failed.first != TimePoint::min() && served_at_ > failed.first) cost = 0;
        paid = cost <= quota_ ? cost : 0;
        if (cost > quota_ && !alone) return "a retry beyond the quota";
    } else {
        if (state_ == State::open && now < opens_) return "sent through an open circuit";
        if (state_ == State::half_open && probe_) return "two probes at once";
        if (state_ == State::open) change(now, State::half_open);
        probe_ = which;
    }
    quota_ -= paid;
    begun_.push_back({.which = which, .since = now, .failed = failed, .paid = paid});
    begun_.back().mark = adaptive_.enter(now, ++under_way_);
    return "";
}

void WatchedEndpoint::ended(
    TimePoint now, const Try& which, const AttemptResult* result, std::optional<double> rival
) {
    auto& begun = *std::find_if(begun_.rbegin(), begun_.rend(), [&](const auto& b) {
        return b.which == which;
    });
    const auto* fault = result ? std::get_if<Fault>(&result->outcome) : nullptr;
    begun.has_ended = true;
    begun.verdict = result ? Verdict::healthy : Verdict::neutral;
    auto effect = Effect::none;
    if (fault) {
        effect = row_of(fault->kind).effect;
        const auto pause = fault->retry_after.value_or(0s);
        const bool parks = fault->kind == FaultKind::quota || pause > 2min;
        // Jitter: up to a tenth longer.
        if (parks && pause > 0s) {
            parked_until_ = std::max(parked_until_, now + pause * 11 / 10);
        }
        // A request that fails again while other requests are served is itself at fault.
        begun.is_evidence = !is_at_fault(begun);
        const bool is_pushed_back =
            fault->kind == FaultKind::throttled || fault->kind == FaultKind::overloaded;
        const auto& told = result->news;
        const bool is_used_up = told.requests.remaining == 0 || told.tokens.remaining == 0 ||
                                told.input_tokens.remaining == 0 ||
                                told.output_tokens.remaining == 0;
        if (!begun.is_retry()) firsts_pushed_back_.add(is_pushed_back);
        if (is_at_fault(begun)) retries_pushed_back_.add(is_pushed_back);
        const bool is_hopeless = begun.is_retry() && retries_pushed_back_.value() >= 0.8 &&
                                 firsts_pushed_back_.value() <= 0.6;
        const bool is_load = is_pushed_back && !is_used_up && !is_hopeless;
        adaptive_.leave(now, begun.mark, is_load, --under_way_);
        begun.verdict = row_of(fault->kind).verdict;
        pushed_back_ += is_pushed_back && begun.is_evidence ? 1 : 0;
        const bool is_busy = is_pushed_back && has_answered_ && adaptive_.places() > 1 &&
                             pushed_back_ <= place_.room;
        const bool is_probe = probe_ == which;
        if (is_busy && !is_probe) begun.is_evidence = false;
        if (is_probe && is_pushed_back && begun.verdict == Verdict::neutral) {
            begun.verdict = Verdict::healthy;
        }
    }
    if (effect == Effect::vanish && begun.since >= appeared_) is_there_ = false;
    const bool has_answered = result && !fault;
    if (!fault && !begun.is_retry()) firsts_pushed_back_.add(false);
    if (!fault && begun.is_retry() && (result || is_at_fault(begun))) {
        retries_pushed_back_.add(false);
    }
    if (!fault) adaptive_.leave(now, begun.mark, false, --under_way_);
    refusals_ = effect == Effect::close_in_a_row && !has_answered_ ? refusals_ + 1 : 0;
    if (has_answered) {
        has_answered_ = true;
        served_at_ = std::max(served_at_, begun.since);
        answered_at_ = now;
        pushed_back_ = 0;
        quota_ = std::min(500, quota_ + 56);
    }
    const bool are_all_refused = refusals_ >= 5 && under_way_ == 0;
    shut_ = shut_ || (fault && closes_endpoint(*fault)) || are_all_refused;
    judge(now, begun, rival);
}

// Is the request at fault? An attempt that began after its first failure was answered, and one was
// answered since its last failure.
bool WatchedEndpoint::is_at_fault(const Begun& begun) const {
    return begun.is_retry() && served_at_ > begun.failed.first && answered_at_ > begun.failed.last;
}

void WatchedEndpoint::told(TimePoint now, Availability availability) {
    is_there_ = availability == Availability::there;
    shut_ = shut_ || availability == Availability::shut;
    if (!is_there_) return;
    appeared_ = now;
    change(now, State::closed);
    verdicts_[0].clear();
    verdicts_[1].clear();
    has_been_well_ = false;
}

void WatchedEndpoint::judge(TimePoint now, const Begun& begun, std::optional<double> rival) {
    if (shut_ || begun.since < changed_) return;  // Attempts of an earlier state do not count.
    const auto verdict = begun.is_evidence ? begun.verdict : Verdict::neutral;
    if (state_ == State::half_open) {
        if (probe_ != begun.which) return;
        probe_.reset();
        has_been_well_ = has_been_well_ || verdict == Verdict::healthy;
        if (verdict == Verdict::unhealthy) return change(now, State::open);
        if (verdict == Verdict::healthy) {
            change(now, State::closed);
            adaptive_.start_slowly();
        }
        return;
    }
    if (state_ == State::open || begun.verdict == Verdict::neutral) return;
    verdicts_[begun.is_retry() ? 1 : 0].push_back(begun.verdict == Verdict::unhealthy);
    has_been_well_ = has_been_well_ || verdict == Verdict::healthy;
    if (verdict != Verdict::unhealthy) return;
    const bool is_worse =
        rival && lately().size() >= 20 && failing() >= 0.5 && failing() >= 2 * *rival;
    if (is_worse || is_no_chance()) change(now, State::open);
}

// Attempts since the last change of state, from the youngest ended one backwards.
std::vector<WatchedEndpoint::Seen> WatchedEndpoint::latest() const {
    std::vector<Seen> seen;
    bool has_begun = false;  // Attempts younger than the youngest ended one do not count.
    const auto remembered = begun_.size() - std::min(begun_.size(), 4 * place_.room + 64);
    for (auto i = begun_.size(); i-- > remembered;) {
        const auto& begun = begun_[i];
        if (begun.since < changed_) break;
        const bool is_evidence =
            begun.has_ended && begun.is_evidence && begun.verdict != Verdict::neutral;
        has_begun = has_begun || is_evidence;
        if (!has_begun || (begun.has_ended && !is_evidence)) continue;
        // An attempt in flight may still be answered.
        const bool has_failed = begun.has_ended && begun.verdict == Verdict::unhealthy;
        seen.push_back({has_failed, begun.has_ended, begun.is_retry()});
    }
    return seen;
}

// Failure share of the youngest twenty first attempts.
std::vector<WatchedEndpoint::Seen> WatchedEndpoint::lately() const {
    auto seen = latest();
    std::erase_if(seen, [](const auto& one) { return one.is_retry; });
    if (seen.size() > 20) seen.resize(20);
    return seen;
}

double WatchedEndpoint::failing() const {
    const auto seen = lately();
    if (seen.empty()) return 0;
    const auto failed = std::ranges::count(seen, true, &Seen::failed);
    return static_cast<double>(failed) / static_cast<double>(seen.size());
}

// How often first tries fail here, or retries, without so many of them.
double WatchedEndpoint::usual(bool of_retries, double ended, double failed) const {
    double all = 0, bad = 0, weight = 1;
    const auto& verdicts = verdicts_[of_retries ? 1 : 0];
    for (auto i = verdicts.size(); i-- > 0; weight *= 511.0 / 512) {
        all += weight;
        bad += verdicts[i] ? weight : 0;
    }
    return std::min(1.0, (std::max(0.0, bad - failed) + 1) / (std::max(0.0, all - ended) + 2));
}

// Are this many failures too improbable for the usual failure share?
bool WatchedEndpoint::is_no_chance() const {
    double n[2] = {}, failed[2] = {}, ended[2] = {};
    for (const auto& one : latest()) {
        const auto i = one.is_retry ? 1 : 0;
        n[i] += 1;
        failed[i] += one.failed ? 1 : 0;
        ended[i] += one.has_ended ? 1 : 0;
        const double all = n[0] + n[1], k = failed[0] + failed[1];
        if (k < 5 || k < 0.6 * all) continue;
        if (!has_been_well_) return true;
        const double p =
            (n[0] * usual(false, ended[0], failed[0]) + n[1] * usual(true, ended[1], failed[1])) /
            all;
        const double q = k / all;
        // Chernoff: the probability of k or more of n is at most (p/q)^k ((1-p)/(1-q))^(n-k).
        const double rest = k == all ? 0 : (all - k) * std::log((1 - p) / (1 - q));
        if (q > p && k * std::log(p / q) + rest <= std::log(1e-6)) return true;
    }
    return false;
}

void WatchedEndpoint::change(TimePoint now, State state) {
    if (state_ == State::closed) away_since_ = now;
    // A quarter of the time it has been away, from a second to a minute, a fifth less at most.
    if (state == State::open) {
        opens_ = now + std::clamp<Duration>((now - away_since_) / 4, 1s, 60s) * 8 / 10;
    }
    state_ = state;
    changed_ = now;
    probe_.reset();
}

}  // namespace skein::law
