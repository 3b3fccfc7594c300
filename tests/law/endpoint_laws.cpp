// The laws of endpoints: circuits, quotas, tiers. Replays the observed events in their order.
#include "dispatch/retry.hpp"
#include "law/run.hpp"
#include "law/watched_endpoint.hpp"
#include "limit/retry_quota.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace skein::law {
namespace {

class Replay {
public:
    Replay(const Scene& scene, const Run& run) : scene_{scene}, run_{run} {
        for (const auto& place : scene.places) endpoints_.emplace_back(place);
        for (const auto& s : run.started) {
            starts_[{s.seq, s.number}] = s.when;
            first_starts_.try_emplace(s.seq, s.when);
        }
    }

    std::string broken_law() {
        auto start = run_.started.begin();
        auto end = run_.ended.begin();
        auto news = run_.news.begin();
        while (start != run_.started.end() || end != run_.ended.end()) {
            // At equal times an end comes before a start, because it frees a place; but an attempt
            // must not end before it began.
            const bool ends_first = start == run_.started.end() ||
                                    (end != run_.ended.end() && end->when <= start->when);
            const auto next = ends_first ? end->when : start->when;
            if (news != run_.news.end() && news->when <= next) {
                endpoints_[news->endpoint].told(news->when, news->availability);
                ++news;
            } else if (ends_first) {
                see(*end++);
            } else if (auto broken = see(*start++); !broken.empty()) {
                return broken + " (seq " + std::to_string((start - 1)->seq) + ")";
            }
        }
        return "";
    }

private:
    std::string see(const Started& s) {
        auto& endpoint = endpoints_[s.endpoint];
        const WatchedEndpoint::Try which{s.seq, s.number};
        if (const auto unfit = unfit_.extract(s.seq)) {
            const auto broken_law = went_on(s, unfit.mapped());
            if (!broken_law.empty()) return broken_law;
        }
        const auto cannot = cannot_of(s.seq);
        if (cannot.has(s.endpoint)) return "sent to an endpoint that cannot serve it";
        // A second attempt of the same request in flight is a hedge, not a retry.
        const bool is_first = flying_[s.seq]++ == 0;
        const auto cost = is_first && s.number > 1 ? cost_[s.seq] : 0;
        const auto failed = failed_.find(s.seq);
        const auto before =
            failed == failed_.end() ? WatchedEndpoint::FailedBefore{} : failed->second;
        auto broken = endpoint.started(s.when, which, cost, in_flight_++ == 0, before);
        const auto& place = endpoint.place();
        if (!broken.empty() || (endpoint.is_probe(which) && !place.is_local)) return broken;
        for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
            const auto& other = endpoints_[i];
            if (other.place().tier >= place.tier || cannot.has(i)) continue;
            if (other.is_well(s.when)) return "a later tier served while an earlier one was well";
            if (!other.is_away_for(place.after, s.when))
                return "a worker served before the others were away for long";
        }
        return "";
    }

    EndpointSet cannot_of(Sequence seq) const {
        const auto at = cannot_.find(seq);
        return at == cannot_.end() ? request_of(scene_, seq)->cannot : at->second;
    }

    // A request that was too long for its endpoint, or filtered there, goes on to the endpoint that
    // the settings name, and never returns.
    std::string went_on(const Started& s, const std::pair<EndpointIndex, FaultKind>& unfit) {
        const auto& [from, kind] = unfit;
        const auto& on = scene_.places[from].on;
        const bool is_named = std::ranges::any_of(on, [&](const auto& way) {
            return way == std::pair{kind, s.endpoint};
        });
        if (!is_named) return "went on to an endpoint that is not named for it";
        if (!left_[s.seq].insert(from).second || left_[s.seq].contains(s.endpoint))
            return "returned to an endpoint that it had left";
        cannot_[s.seq] = {};
        for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
            if (i != s.endpoint && !scene_.places[i].is_local) cannot_[s.seq].add(i);
        }
        return "";
    }

    void see(const Ended& e) {
        --in_flight_;
        --flying_[e.seq];
        const auto began = starts_.at({e.seq, e.number});
        const auto answer = answer_to(scene_, e.seq, e.number, e.endpoint, began);
        const bool was_stopped = began + answer.latency != e.when;
        const auto time = scene_.settings.time;
        const bool is_silence = was_stopped && time > 0s && (e.when - began) * 2 >= time &&
                                e.stopped == first_starts_.at(e.seq) + time;
        endpoints_[e.endpoint].ended(
            e.when,
            {e.seq, e.number},
            was_stopped ? (is_silence ? &silence : nullptr) : &answer.result,
            best_of_the_others(e.endpoint, e.when)
        );
        const auto* fault = std::get_if<Fault>(&answer.result.outcome);
        if (was_stopped || !fault || flying_[e.seq] > 0) return;
        failed_.try_emplace(e.seq, WatchedEndpoint::FailedBefore{e.when, e.when});
        failed_[e.seq].last = e.when;
        const bool is_turned_down = scene_.places[e.endpoint].is_local && turns_down(*fault);
        const bool is_unfit =
            fault->kind == FaultKind::context_exceeded || fault->kind == FaultKind::filtered;
        if (is_unfit && !scene_.places[e.endpoint].is_local)
            unfit_[e.seq] = {e.endpoint, fault->kind};
        const bool is_sent_elsewhere = is_unfit || effect_of(*fault) == Effect::close_in_a_row;
        cost_[e.seq] = is_turned_down || is_sent_elsewhere ? 0 : cost_after(*fault, e.seq);
    }

    std::optional<double> best_of_the_others(EndpointIndex at, TimePoint now) const {
        std::optional<double> best;
        for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
            if (i == at || !endpoints_[i].is_well(now)) continue;
            best = std::min(best.value_or(1), endpoints_[i].failing());
        }
        return best;
    }

    int cost_after(const Fault& fault, Sequence seq) {
        const auto& row = row_of(fault.kind);
        deaths_[seq] += fault.kind == FaultKind::worker_died ? 1 : 0;
        if (deaths_[seq] >= 2) return 0;  // It runs alone, which is free.
        if (row.retry == Retry::elsewhere || fault.kind == FaultKind::not_ready) return 0;
        if (row.retry == Retry::twice) return 0;
        if (row.retry == Retry::at_once && !std::exchange(used_at_once_[seq], true)) return 0;
        return retry_cost(row);
    }

    // To its endpoint, an attempt that the deadline of its request stops has run into a timeout.
    const AttemptResult silence{Fault{.kind = FaultKind::timeout_first_byte}, {}, true};
    const Scene& scene_;
    const Run& run_;
    std::vector<WatchedEndpoint> endpoints_;
    std::map<std::pair<Sequence, int>, TimePoint> starts_;
    std::map<Sequence, TimePoint> first_starts_;
    std::map<Sequence, int> cost_;
    std::map<Sequence, int> flying_;
    std::map<Sequence, bool> used_at_once_;
    std::map<Sequence, int> deaths_;
    std::map<Sequence, WatchedEndpoint::FailedBefore> failed_;
    std::map<Sequence, std::pair<EndpointIndex, FaultKind>> unfit_;
    std::map<Sequence, EndpointSet> cannot_;
    std::map<Sequence, std::set<EndpointIndex>> left_;
    int in_flight_ = 0;
};

}  // namespace

// From outside, the length of a cooldown is known only to a tenth (jitter). So it is uncertain
// whether another endpoint had a rival at that time, and its circuit cannot be predicted.
std::string endpoints_keep_their_laws(const Scene& scene, const Run& run) {
    const bool parks =
        std::ranges::any_of(scene.places, [](const auto& place) { return place.parks > 0; });
    if (parks && scene.places.size() > 1) return "";
    return Replay{scene, run}.broken_law();
}

}  // namespace skein::law
