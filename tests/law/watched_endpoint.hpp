// A second, simple implementation of an endpoint's rules, computed from observed events alone, so
// that it does not share the mistakes of the limits that it checks.
#pragma once
#include "law/run.hpp"
#include "limit/adaptive_concurrency.hpp"
#include "limit/usual_share.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::law {

class WatchedEndpoint {
public:
    explicit WatchedEndpoint(const Place& place)
        : place_{place}, is_there_{!place.is_local}, adaptive_{place.room} {}

    struct Try {
        Sequence seq;
        int number;
        auto operator<=>(const Try&) const = default;
    };

    // First and last failure of its request before this attempt.
    struct FailedBefore {
        TimePoint first = TimePoint::min();
        TimePoint last = TimePoint::min();
    };

    // The rule that a start breaks; empty if none. `cost`: retry quota taken. `alone`: no other
    // attempt is in flight anywhere.
    std::string started(
        TimePoint now, const Try& which, int cost, bool alone, const FailedBefore& failed
    );

    // The result of the attempt; nothing if it was stopped. `rival`: failure share of the best
    // other endpoint that can serve.
    void ended(
        TimePoint now, const Try& which, const AttemptResult* result, std::optional<double> rival
    );
    // Failure share of the last twenty attempts that began.
    double failing() const;

    void told(TimePoint now, Availability availability);

    // Can the endpoint serve, now or soon?
    bool is_well(TimePoint now) const {
        return is_there_ && !shut_ && state_ == State::closed && now >= parked_until_;
    }
    // For an endpoint that is not well: has it been away that long, or is it shut or parked?
    bool is_away_for(Duration span, TimePoint now) const {
        return shut_ || now < parked_until_ || now >= away_since_ + span;
    }
    const Place& place() const { return place_; }
    // Is this attempt the present probe?
    bool is_probe(const Try& which) const { return probe_ == which; }

private:
    enum class State { closed, open, half_open };

    // An attempt since the last change of state, in the order of their starts.
    struct Begun {
        Try which;
        TimePoint since;
        FailedBefore failed{};
        int paid = 0;
        bool has_ended = false;
        Verdict verdict = Verdict::neutral;
        bool is_evidence = true;
        AdaptiveConcurrency::Mark mark{};

        bool is_retry() const { return failed.first != TimePoint::min(); }
    };

    bool is_at_fault(const Begun& begun) const;
    void judge(TimePoint now, const Begun& begun, std::optional<double> rival);
    struct Seen {
        bool failed;
        bool has_ended;
        bool is_retry;
    };
    std::vector<Seen> latest() const;
    std::vector<Seen> lately() const;
    double usual(bool of_retries, double ended, double failed) const;
    bool is_no_chance() const;
    void change(TimePoint now, State state);

    const Place& place_;
    bool is_there_;
    TimePoint appeared_ = TimePoint::min();
    State state_ = State::closed;
    TimePoint changed_ = TimePoint::min();
    TimePoint away_since_{};
    TimePoint opens_{};  // Earliest time of the next probe.
    // While it was closed, ever; true: a fault. Of first tries, and of retries.
    std::vector<bool> verdicts_[2]{};
    bool has_been_well_ = false;
    TimePoint served_at_ = TimePoint::min();    // Start of the youngest answered attempt.
    TimePoint answered_at_ = TimePoint::min();  // Time of the last answer.
    std::optional<Try> probe_{};
    int quota_ = 500;
    bool shut_ = false;
    int refusals_ = 0;
    bool has_answered_ = false;
    TimePoint parked_until_ = TimePoint::min();
    std::vector<Begun> begun_{};
    // The product's own limit: it is not checked here, but tells a busy endpoint from a gone one.
    AdaptiveConcurrency adaptive_;
    UsualShare firsts_pushed_back_{1.0 / 64};
    UsualShare retries_pushed_back_{1.0 / 64};
    std::size_t under_way_ = 0;
    std::size_t pushed_back_ = 0;  // Since the last answer.
};

}  // namespace skein::law
