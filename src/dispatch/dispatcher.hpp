#pragma once
#include "base/free_lists.hpp"
#include "dispatch/capability.hpp"
#include "dispatch/desk.hpp"
#include "dispatch/endpoint_feedback.hpp"
#include "dispatch/refusals.hpp"
#include "dispatch/refused_members.hpp"
#include "dispatch/retry.hpp"
#include "measure/scoreboard.hpp"
#include "model/attempt.hpp"

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace skein {

// The life of every request. Events come in, commands go out; nothing waits here, and no clock is
// read: `now` is an argument, and `wake_at` says when to come back.
//
//     Submitted ──> in line ──StartAttempt──> in flight ──AttemptDone──> settled
//                      ^                                                   │
//                      └────── its pause ends ──── pausing <──worth a try──┤
//                                                                          └──> Deliver
//
// Every request that was submitted is delivered exactly once. Every attempt that was started ends
// with exactly one AttemptDone, also one that was told to stop: whoever finishes first wins, so an
// answer that was paid for is never thrown away.
class Dispatcher {
public:
    struct Settings {
        std::size_t window = 16'384;
        std::size_t window_bytes = std::size_t{256} << 20;
        // Where the request names no deadline of its own, it has so much time from the start of its
        // first attempt on. Zero: no bound.
        Duration time = Duration::zero();
        // Of a file job: so many equal refusals before any answer end it. 0: each is delivered as
        // it comes.
        std::size_t same_refusals = 0;
        // Of a file job: a request whose attempts an outage has used up, and that no server has
        // worked on, has not failed. It is left to the next run (`no_endpoint`).
        bool spares = false;
        RetrySettings retry{};
        Duration longest_park = std::chrono::minutes{15};
        // An answer that is late to begin is asked for elsewhere as well, and the first one counts.
        bool hedging = false;
        std::optional<LocalCapabilities>
            local{};  // Of the workers on this machine, if there are any.
        // A reply keeps its place in the cap of the run until `Recorded`: then attempts in flight
        // and answers in memory together are what a kill can cost.
        bool keeps_place_until_recorded = false;
    };

    struct Submitted {
        Sequence seq;
        RequestPtr request;
    };
    using AttemptBegan = skein::AttemptBegan;
    using AttemptDone = skein::AttemptDone;
    using EndpointUpdate = skein::EndpointUpdate;
    struct TimePassed {};
    struct Cancel {
        Sequence seq;
    };  // One that is gone already is not an error.
    struct CancelAll {};
    // What has not left is cancelled; what is in flight may finish, and is not tried again.
    struct StopStarting {};
    // So many more of the delivered replies are written down.
    struct Recorded {
        std::size_t count;
    };
    using Event = std::variant<
        Submitted,
        AttemptBegan,
        AttemptDone,
        EndpointUpdate,
        TimePassed,
        Cancel,
        CancelAll,
        StopStarting,
        Recorded>;

    struct StartAttempt {
        Attempt attempt;
    };
    struct StopAttempt {
        AttemptId id;
    };  // Its AttemptDone still comes.
    struct Deliver {
        Sequence seq;
        Box<Reply> reply;
    };
    struct Say {
        std::string text;
    };                      // What an operator should know.
    struct CallWorkers {};  // Make those of this machine ready: they may be needed. Said once.
    using Command = std::variant<StartAttempt, StopAttempt, Deliver, Say, CallWorkers>;
    using Commands = std::vector<Command>;

    Dispatcher(Desk desk, Settings settings)
        : desk_{std::move(desk)},
          settings_{settings},
          scoreboard_{desk_.endpoints()},
          refusals_{settings.same_refusals},
          refused_members_{desk_.endpoints()} {}

    // Never more than a window of requests is held. One request always fits, however large.
    bool has_room() const;

    void on(TimePoint now, Event event, Commands& out);

    // When `on(TimePassed)` is due, if nothing else happens before.
    TimePoint wake_at(TimePoint now) const;

    std::size_t held() const { return lives_.size(); }
    const Desk& desk() const { return desk_; }
    // What endpoints wait for is told as of `now`.
    Tally tally(TimePoint now = {}) const;

private:
    enum class State { in_line, in_flight, pausing, held };
    struct RequestState {
        RequestPtr request;
        TimePoint admitted;
        TimePoint clock = never;     // Since when its time runs,
        TimePoint deadline = never;  // and when it is over.
        TimePoint first_sent = never;
        State state = State::in_line;
        TimePoint pause_ends = never;
        Tries tries{};
        NextTry next{};
        TimePoint failed_at = TimePoint::min();  // The first time; the beginning of time: never.
        TimePoint last_failed_at = TimePoint::min();
        Witnesses before{};      // Of others, at its first try in vain.
        int sent_elsewhere = 0;  // Because its endpoint refuses everything.
        int maybe_executed = 0;
        EndpointIndex last = 0;  // Where the last attempt was made.
        AttemptId attempt{};     // The one in flight,
        AttemptId hedge{};       // and the one beside it; 0: none.
        TimePoint hedge_at = never;
        // What one of the two came to, while the other is under way: an answer, which will be the
        // reply, or a fault after which another try is not worth it.
        std::unique_ptr<AttemptResult> settled{};  // Seldom there, and large.
        EndpointIndex settled_at = 0;
        std::optional<FaultKind> stopped{};  // Why the attempts were told to stop.
        std::string last_fault{};            // What the attempt before came to, in a few words.
        std::unique_ptr<Fault> unfit{};      // Why it cannot be served on this machine.
    };
    // One attempt under way.
    struct Flight {
        Sequence seq;
        Desk::Grant grant;
        AddedTo added{};
    };
    using Lives = std::pmr::unordered_map<Sequence, RequestState>;
    using Moments = std::pmr::set<std::pair<TimePoint, Sequence>>;

    void handle(TimePoint now, Submitted& e, Commands& out);
    void handle(TimePoint now, AttemptBegan& e, Commands&);
    void handle(TimePoint now, AttemptDone& e, Commands& out);
    void handle(TimePoint, EndpointUpdate& e, Commands&) { desk_.take(std::move(e)); }
    void handle(TimePoint, TimePassed&, Commands&) {}  // `on` has seen to it.
    void handle(TimePoint now, Cancel& e, Commands& out);
    void handle(TimePoint now, CancelAll&, Commands& out);
    void handle(TimePoint now, StopStarting&, Commands& out);
    void handle(TimePoint, Recorded& e, Commands&) { desk_.recorded(e.count); }

    void pass_time(TimePoint now, Commands& out);
    void serve_line(TimePoint now, Commands& out);
    void start(TimePoint now, const Desk::Grant& grant, Commands& out);
    AttemptId take_off(RequestState& life, const Desk::Grant& grant, bool is_hedge, Commands& out);
    void start_clock(TimePoint now, Sequence seq, RequestState& life, Duration time);
    void start_hedge(TimePoint now, Sequence seq, Commands& out);
    void forget_hedge(Sequence seq, RequestState& life);
    void wait_for_the_other(
        TimePoint now, RequestState& life, const Flight& flight, AttemptResult result, Commands& out
    );
    void conclude(TimePoint now, Lives::iterator at, AttemptResult last, Commands& out);
    void settle(TimePoint now, const Desk::Grant& grant, const AttemptResult& r, Commands& out);
    Waiting waiting(Sequence seq, const RequestState& life) const;
    void give_up_what_is_too_late(TimePoint now, Commands& out);
    void give_up_what_nobody_can_serve(TimePoint now, Commands& out);
    void give_up_all_in_line(TimePoint now, const Fault& fault, Commands& out);
    void try_again_or_give_up(
        TimePoint now, Lives::iterator at, const Flight& flight, AttemptResult result, Commands& out
    );
    bool is_refused_for_ours(const Flight& flight, const Fault& fault, Commands& out);
    Witnesses witnesses_for(const RequestState& life) const;
    void note_failure(TimePoint now, RequestState& life, const AttemptResult& result);
    bool is_for_others(
        TimePoint now, const RequestState& life, EndpointIndex at, const Fault& fault
    ) const;
    bool is_for_remote(TimePoint now, EndpointIndex at, const Fault& fault) const;
    bool waits_for_others(EndpointIndex at, const Fault& fault) const;
    Fault stopped(TimePoint now, const RequestState& life, FaultKind why) const;
    Fault out_of_time(TimePoint now, const RequestState& life, std::string detail) const;
    bool is_outage(TimePoint now, TimePoint since) const;
    void hold(Sequence seq, RequestState& life, AttemptResult result);
    void release_held(TimePoint now, Commands& out);
    void deliver_held(TimePoint now, Lives::iterator at, Commands& out);
    Fault common_fault(TimePoint now, EndpointIndex at, Fault fault) const;
    bool is_known_for_all() const;
    bool nothing_goes_on() const;
    void line_up(Sequence seq, RequestState& life);
    void stop(TimePoint now, Lives::iterator at, FaultKind why, Commands& out);
    void give_up(TimePoint now, Lives::iterator at, Fault fault, Commands& out);
    void deliver(
        TimePoint now, Lives::iterator at, Outcome outcome, const Trail& trail, Commands& out
    );

    Desk desk_;
    Settings settings_;
    Scoreboard scoreboard_;
    Refusals refusals_;
    RefusedMembers refused_members_;
    FreeLists nodes_;  // Of all below.
    Lives lives_{&nodes_};
    std::pmr::unordered_map<AttemptId, Flight> attempts_{&nodes_};
    Moments deadlines_{&nodes_};
    Moments pauses_{&nodes_};
    Moments hedges_{&nodes_};
    std::size_t bytes_ = 0;
    std::uint64_t last_attempt_ = 0;
    bool has_called_ = false;  // The workers.
    bool stopping_ = false;    // Nothing leaves any more.
};

CostEstimate estimate_of(const Prepared& request);

// The moment from which on a try is not worth starting: it needs a second at least, or a tenth of
// all the time that there was.
TimePoint latest_start(TimePoint since, TimePoint deadline);

}  // namespace skein
