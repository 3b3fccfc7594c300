// What an outsider knows of one endpoint from what he saw of it: written anew, and naively, so that
// it does not share the mistakes of the limits it watches.
#pragma once
#include "law/run.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::law {

class WatchedEndpoint {
public:
    explicit WatchedEndpoint(const Place& place) : place_{place}, is_there_{!place.is_local} {}

    struct Try {
        Sequence seq;
        int number;
        auto operator<=>(const Try&) const = default;
    };

    // What a start there breaks; empty if nothing. `cost`: of a retry. `alone`: nothing else is in
    // flight anywhere.
    std::string started(TimePoint now, const Try& which, int cost, bool alone);

    // What came of it: nothing if it was stopped.
    void ended(TimePoint now, const Try& which, const AttemptResult* result);

    void told(TimePoint now, Standing standing);

    // Could it serve, now or soon?
    bool is_well(TimePoint now) const {
        return is_there_ && !shut_ && state_ == State::closed && now >= parked_until_;
    }
    // Where it is not well: is it away for so long, or for good?
    bool is_away_for(Duration span, TimePoint now) const {
        return shut_ || now < parked_until_ || now >= away_since_ + span;
    }
    const Place& place() const { return place_; }
    // The one that was just started finds out whether the endpoint is back.
    bool is_probe(const Try& which) const { return probe_ == which; }

private:
    enum class State { closed, open, half_open };

    void judge(TimePoint now, const Try& which, TimePoint since, Verdict verdict);
    bool has_seen_enough(TimePoint now) const;
    void change(TimePoint now, State state);

    struct Flight {
        TimePoint since;
        int paid;
    };

    const Place& place_;
    bool is_there_;
    TimePoint appeared_ = TimePoint::min();
    State state_ = State::closed;
    TimePoint changed_ = TimePoint::min();
    TimePoint away_since_{};
    TimePoint opens_{};                                   // Not before.
    std::vector<std::pair<TimePoint, bool>> verdicts_{};  // Since then; true: a fault.
    std::optional<Try> probe_{};
    int probes_well_ = 0;
    int quota_ = 500;
    bool shut_ = false;
    int refusals_ = 0;
    TimePoint parked_until_ = TimePoint::min();
    std::map<Try, Flight> flying_{};
};

}  // namespace skein::law
