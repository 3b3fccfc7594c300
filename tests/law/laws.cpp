// The laws, each checked on the observed events. None of them asks the dispatcher.
#include "job/output/reorder_buffer.hpp"
#include "law/run.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace skein::law {
namespace {

std::string about(Sequence seq) { return " (seq " + std::to_string(seq) + ")"; }

std::string every_request_is_answered_once(const Scene& scene, const Run& run) {
    if (!run.finished) return "not every request was taken on";
    std::set<Sequence> seen;
    for (const auto& d : run.delivered) {
        if (!seen.insert(d.seq).second) return "answered twice" + about(d.seq);
    }
    return seen.size() == scene.requests ? "" : "a request was never answered";
}

std::string order_can_be_restored(const Scene& scene, const Run& run) {
    ReorderBuffer<Sequence> buffer;
    Sequence next = 0;
    for (const auto& d : run.delivered) {
        buffer.put(d.seq, d.seq);
        while (const auto seq = buffer.next()) {
            if (*seq != next++) return "out of order" + about(*seq);
        }
    }
    return next == scene.requests ? "" : "the order has a hole";
}

std::string caps_hold(const Scene& scene, const Run& run) {
    struct Change {
        TimePoint when;
        int by;
        EndpointIndex endpoint;
    };
    std::vector<Change> changes;
    for (const auto& s : run.started) changes.push_back({s.when, 1, s.endpoint});
    for (const auto& e : run.ended) changes.push_back({e.when, -1, e.endpoint});
    std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
        return std::tie(a.when, a.by) < std::tie(b.when, b.by);
    });
    long all = 0;
    std::map<EndpointIndex, long> here;
    for (const auto& c : changes) {
        all += c.by;
        here[c.endpoint] += c.by;
        if (all > static_cast<long>(scene.in_flight)) return "more in flight than allowed";
        if (here[c.endpoint] > static_cast<long>(scene.places[c.endpoint].room))
            return "more in a room than places";
    }
    return all == 0 ? "" : "an attempt never ended";
}

std::string window_holds(const Scene& scene, const Run& run) {
    return run.max_held <= scene.settings.window ? "" : "more held than a window";
}

std::string rates_hold(const Scene& scene, const Run& run) {
    for (EndpointIndex i = 0; i < scene.places.size(); ++i) {
        std::vector<std::pair<TimePoint, double>> requests;
        for (const auto& s : run.started) {
            if (s.endpoint != i) continue;
            requests.emplace_back(s.when, 1);
        }
        if (auto broken = bucket_holds(requests, scene.places[i].rpm); !broken.empty())
            return broken + " (rpm)";
    }
    return "";
}

// Time of each attempt's answer, with the pause that it asked for.
std::vector<std::pair<Ended, Fault>> faults_of(const Scene& scene, const Run& run) {
    std::map<std::pair<Sequence, int>, TimePoint> starts;
    for (const auto& s : run.started) starts[{s.seq, s.number}] = s.when;
    std::vector<std::pair<Ended, Fault>> faults;
    for (const auto& e : run.ended) {
        const auto began = starts.at({e.seq, e.number});
        auto answer = answer_to(scene, e.seq, e.number, e.endpoint, began);
        if (began + answer.latency != e.when) continue;  // Stopped before its answer came.
        if (auto* fault = std::get_if<Fault>(&answer.result.outcome))
            faults.emplace_back(e, *fault);
    }
    return faults;
}

std::string pauses_are_kept(const Scene& scene, const Run& run) {
    for (const auto& [end, fault] : faults_of(scene, run)) {
        const bool closes = closes_endpoint(fault);
        if (!fault.retry_after && !closes) continue;
        for (const auto& s : run.started) {
            if (s.endpoint != end.endpoint || s.when <= end.when) continue;
            if (closes) return "sent to an endpoint that is closed" + about(s.seq);
            if (s.when < end.when + *fault.retry_after)
                return "sent before its Retry-After" + about(s.seq);
        }
    }
    return "";
}

// The time of a request begins with its first attempt.
std::string deadlines_hold(const Scene& scene, const Run& run) {
    const auto span = scene.settings.time;
    if (span == Duration::zero()) return "";
    std::map<Sequence, TimePoint> first;
    for (const auto& s : run.started) {
        const auto began = first.try_emplace(s.seq, s.when).first->second;
        if (s.when != began && s.when >= latest_start(began, began + span))
            return "started too late to be worth it" + about(s.seq);
    }
    for (const auto& d : run.delivered) {
        const auto began = first.find(d.seq);
        if (began == first.end()) {
            if (d.outcome == "deadline") return "written off without an attempt" + about(d.seq);
        } else if (d.when > began->second + span + 5ms) {
            return "answered long after its deadline" + about(d.seq);
        }
    }
    return "";
}

// A simple second implementation: does this attempt count against the request's attempts?
bool uses_up_an_attempt(const Ended& end, const Fault& fault, bool& used_at_once) {
    if (!end.sent || fault.retry_after || closes_endpoint(fault)) return false;
    switch (fault.kind) {
        case FaultKind::throttled:
        case FaultKind::not_ready:
        case FaultKind::worker_died:
            return false;
        case FaultKind::keepalive_race:
        case FaultKind::refused:
            return std::exchange(used_at_once, true);
        default:
            return true;
    }
}

std::string tries_are_bounded(const Scene& scene, const Run& run) {
    std::map<Sequence, int> sent, used;
    std::map<Sequence, bool> used_at_once;
    for (const auto& s : run.started) {
        if (s.number != ++sent[s.seq]) return "tries are miscounted" + about(s.seq);
    }
    for (const auto& [end, fault] : faults_of(scene, run)) {
        used[end.seq] += uses_up_an_attempt(end, fault, used_at_once[end.seq]) ? 1 : 0;
    }
    // A request moves to another endpoint when a wrong address refuses it (once more while that
    // endpoint is being closed), or when a worker is unfit for it.
    const auto others =
        2 * (static_cast<int>(scene.places.size()) - 1) + (scene.settings.local ? 1 : 0);
    // The first of two attempts in flight (hedge) may fail without being counted.
    const int hedged = scene.settings.hedging ? scene.settings.retry.attempts : 0;
    for (const auto& [seq, count] : used) {
        if (count > scene.settings.retry.attempts + others + hedged)
            return "more attempts used up than there are" + about(seq);
    }
    for (const auto& d : run.delivered) {
        if (d.attempts != sent[d.seq]) return "the reply miscounts its tries" + about(d.seq);
        if (d.maybe_executed > d.attempts) return "executed more often than sent" + about(d.seq);
        if (d.attempts == 0 && d.outcome == "completed")
            return "completed without a try" + about(d.seq);
    }
    return "";
}

// A rejected request is not retried; a retryable one is retried while attempts are left.
std::string tries_are_worth_it(const Scene& scene, const Run& run) {
    std::map<Sequence, TimePoint> last;
    for (const auto& s : run.started) last[s.seq] = s.when;
    for (const auto& [end, fault] : faults_of(scene, run)) {
        const bool is_wrong_place =
            scene.places.size() > 1 && effect_of(fault) == Effect::close_in_a_row;
        const auto& place = scene.places[end.endpoint];
        const bool is_named =
            std::ranges::any_of(place.on, [&](const auto& way) { return way.first == fault.kind; });
        const bool is_for_others =
            is_wrong_place || is_named || (place.is_local && turns_down(fault));
        const bool is_in_vain = row_of(fault.kind).retry == Retry::never && !is_for_others;
        if (is_in_vain && last[end.seq] > end.when) return "tried again in vain" + about(end.seq);
    }
    return "";
}

// A reader gets the pieces of one answer: nothing starts after the first of them.
std::string what_was_read_is_not_asked_again(const Scene&, const Run& run) {
    std::map<Sequence, TimePoint> first;
    for (const auto& h : run.handed_on) {
        if (!first.emplace(h.seq, h.when).second)
            return "two answers went to one reader" + about(h.seq);
    }
    for (const auto& s : run.started) {
        const auto at = first.find(s.seq);
        if (at != first.end() && s.when > at->second)
            return "asked again after a piece was handed on" + about(s.seq);
    }
    return "";
}

std::string stopping_stops(const Scene& scene, const Run& run) {
    for (const auto& s : run.started) {
        if (s.when > scene.stop_starting_at) return "started after all was to stop" + about(s.seq);
    }
    return "";
}

std::string the_end_is_clean(const Scene&, const Run& run) {
    if (run.idle_while_ready) return "a place stood empty while somebody could go there";
    return run.at_rest ? "" : "not at rest at the end";
}

using Law = std::string (*)(const Scene&, const Run&);

std::string first_broken(std::initializer_list<Law> laws, const Scene& scene, const Run& run) {
    for (const auto law : laws) {
        if (auto broken = law(scene, run); !broken.empty()) return broken;
    }
    return "";
}

}  // namespace

std::string broken_law_within(const Scene& scene, const Run& run) {
    return first_broken(
        {caps_hold,
         window_holds,
         rates_hold,
         token_rates_hold,
         pauses_are_kept,
         deadlines_hold,
         tries_are_bounded,
         tries_are_worth_it,
         what_was_read_is_not_asked_again,
         stopping_stops,
         endpoints_keep_their_laws,
         workers_keep_their_laws,
         budgets_hold},
        scene,
        run
    );
}

std::string broken_law(const Scene& scene, const Run& run) {
    auto broken = first_broken(
        {every_request_is_answered_once, order_can_be_restored, the_end_is_clean}, scene, run
    );
    return broken.empty() ? broken_law_within(scene, run) : broken;
}

}  // namespace skein::law
