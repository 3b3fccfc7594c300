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

// The finite state machine of every request, written as a reducer: events come in, commands go out.
// Nothing blocks here, and no clock is read: `now` is an argument, and `wake_at` says when to call
// again. Not thread-safe; the engine calls it on the control thread.
//
//     Submitted ──> in line ──StartAttempt──> in flight ──AttemptDone──> settled
//                      ^                                                   │
//                      └────── its pause ends ──── pausing <──worth a try──┤
//                                                                          └──> Deliver
//
// Where a reader waits for the pieces of the answer, the attempt whose first piece comes first is
// the last one of its request: see `dispatcher_chunks.cpp`.
//
// A hedged request may have two attempts in flight. In a file job a refusal may be held before it
// is delivered (see Refusals).
//
// Every submitted request is delivered exactly once. Every started attempt ends with exactly one
// AttemptDone, even after StopAttempt: if the answer arrives before the stop, the answer counts,
// because it has been paid for.
class Dispatcher {
public:
    struct Settings {
        std::size_t window = 16'384;
        std::size_t window_bytes = std::size_t{256} << 20;
        // Time limit of a request without a deadline of its own. It counts from the start of the
        // first attempt. Zero: no limit.
        Duration time = Duration::zero();
        // File job: this number of equal refusals before the first answer ends the job. 0: every
        // refusal is delivered at once.
        std::size_t same_refusals = 0;
        // File job: a request that used up its attempts in an outage, and that no server may have
        // executed, does not count as failed. It ends as `no_endpoint`, for the next run.
        bool spares = false;
        RetrySettings retry{};
        // Answers in all to one request, until one is as it must be.
        int answers = 3;
        Duration max_retry_after = std::chrono::minutes{15};
        // Hedged requests: if an answer is late to begin, a second attempt starts at another
        // endpoint, and the first answer counts.
        bool hedging = false;
        std::optional<LocalCapabilities>
            local{};  // Of the workers on this machine, if there are any.
        // A reply occupies its in-flight place until `Recorded`. So the limit of the run bounds
        // what a kill of the process can cost: attempts in flight plus answers only in memory.
        bool keeps_place_until_recorded = false;
    };

    struct Submitted {
        Sequence seq;
        RequestPtr request;
    };
    using AttemptBegan = skein::AttemptBegan;
    using AttemptChunk = skein::AttemptChunk;
    using AttemptDone = skein::AttemptDone;
    using EndpointUpdate = skein::EndpointUpdate;
    struct TimePassed {};
    struct Cancel {
        Sequence seq;
    };  // A number that is not held any more is ignored.
    struct CancelAll {};
    // Requests not in flight are cancelled. Attempts in flight may finish, but are not retried.
    struct StopStarting {};
    // `count` more of the delivered replies have been recorded.
    struct Recorded {
        std::size_t count;
    };
    using Event = std::variant<
        Submitted,
        AttemptBegan,
        AttemptChunk,
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
    struct HandOn {
        Sequence seq;
        AttemptId id;
    };  // The pieces of this attempt go to the reader. Once for a request, before its Deliver.
    struct Deliver {
        Sequence seq;
        Box<Reply> reply;
    };
    struct Say {
        std::string text;
    };                      // A log line for an operator.
    struct CallWorkers {};  // Start the local workers, because they may be needed. Sent once.
    using Command = std::variant<StartAttempt, StopAttempt, HandOn, Deliver, Say, CallWorkers>;
    using Commands = std::vector<Command>;

    Dispatcher(Desk desk, Settings settings)
        : desk_{std::move(desk)},
          settings_{settings},
          scoreboard_{desk_.endpoints()},
          refusals_{settings.same_refusals},
          refused_members_{desk_.endpoints()} {}

    // May one more request be submitted? At most a window of requests is held. One request always
    // fits, however large.
    bool has_room() const;

    void on(TimePoint now, Event event, Commands& out);

    // Time at which `on(TimePassed)` is due, if no other event comes before; `never`: not at all.
    TimePoint wake_at(TimePoint now) const;

    std::size_t held() const { return lives_.size(); }
    const Desk& desk() const { return desk_; }
    // Counters of the run. The endpoints' waiting times are computed as of `now`.
    Tally tally(TimePoint now = {}) const;

private:
    enum class State { in_line, in_flight, pausing, held };
    // The answers to a request that were not as they must be.
    struct UnfitAnswers {
        int count = 0;
        bool is_repeated = false;  // The same question was asked once more.
        std::optional<Usage> usage{};
        std::optional<double> cost{};
    };
    struct RequestState {
        RequestPtr request;
        TimePoint admitted;
        TimePoint clock = never;     // Start of its time limit.
        TimePoint deadline = never;  // End of its time limit.
        TimePoint first_sent = never;
        State state = State::in_line;
        TimePoint pause_ends = never;
        Tries tries{};
        NextTry next{};
        TimePoint failed_at = TimePoint::min();  // First failure; `min()`: none.
        TimePoint last_failed_at = TimePoint::min();
        Witnesses before{};      // Counts of other requests at its first attempt in vain.
        int sent_elsewhere = 0;  // Moves to another endpoint because one refuses everything.
        int maybe_executed = 0;
        EndpointIndex last = 0;  // Endpoint of the last attempt.
        AttemptId attempt{};     // Attempt in flight; 0: none.
        AttemptId hedge{};       // Hedge beside it; 0: none.
        AttemptId handed_on{};   // The attempt whose pieces have gone to the reader; 0: none.
        TimePoint hedge_at = never;
        // Result of one of two attempts, while the other is in flight: an answer, which becomes the
        // reply, or a fault that permits no retry. Also the refusal of a held request.
        std::unique_ptr<AttemptResult> settled{};  // A pointer, because it is large and rare.
        EndpointIndex settled_at = 0;
        std::optional<FaultKind> stopped{};  // Reason for which the attempts were told to stop.
        std::string last_fault{};            // Short text of the attempt before.
        // The remote endpoints that cannot serve it: by its API, or because it has to go on to
        // another one.
        EndpointSet cannot{};
        EndpointSet left{};  // Endpoints that it had to leave for another one.
        // Reason why no local worker can serve it, or why it left an endpoint.
        std::unique_ptr<Fault> unfit{};
        std::unique_ptr<UnfitAnswers> unfit_answers{};
    };
    // One attempt in flight.
    struct Flight {
        Sequence seq;
        Desk::Grant grant;
        AddedTo added{};
    };
    using Lives = std::pmr::unordered_map<Sequence, RequestState>;
    using Moments = std::pmr::set<std::pair<TimePoint, Sequence>>;

    void handle(TimePoint now, Submitted& e, Commands& out);
    void handle(TimePoint now, AttemptBegan& e, Commands&);
    void handle(TimePoint now, AttemptChunk& e, Commands& out);
    void handle(TimePoint now, AttemptDone& e, Commands& out);
    void handle(TimePoint, EndpointUpdate& e, Commands&) { desk_.take(std::move(e)); }
    void handle(TimePoint, TimePassed&, Commands&) {}  // `on` has already called `pass_time`.
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
    void end_handed_on(
        TimePoint now,
        Lives::iterator at,
        AttemptId id,
        EndpointIndex endpoint,
        AttemptResult result,
        Commands& out
    );
    void settle(
        TimePoint now,
        const RequestState& life,
        const Desk::Grant& grant,
        const AttemptResult& result,
        Commands& out
    );
    Waiting waiting(Sequence seq, const RequestState& life) const;
    void give_up_what_is_too_late(TimePoint now, Commands& out);
    void give_up_what_nobody_can_serve(TimePoint now, Commands& out);
    void give_up_all_in_line(TimePoint now, const Fault& fault, Commands& out);
    void try_again_or_give_up(
        TimePoint now, Lives::iterator at, const Flight& flight, AttemptResult result, Commands& out
    );
    void note_unfit(RequestState& life, EndpointIndex endpoint, const Unfit& unfit);
    bool asks_again(TimePoint now, Lives::iterator at, const AttemptResult& result, Commands& out);
    static void add_unfit(const UnfitAnswers& before, Reply& reply);
    bool is_refused_for_ours(const Flight& flight, const Fault& fault, Commands& out);
    Witnesses witnesses_for(const RequestState& life) const;
    void note_failure(TimePoint now, RequestState& life, const AttemptResult& result);
    bool is_for_others(
        TimePoint now, const RequestState& life, EndpointIndex at, const Fault& fault
    ) const;
    bool is_for_remote(
        TimePoint now, const RequestState& life, EndpointIndex at, const Fault& fault
    ) const;
    bool goes_on(TimePoint now, RequestState& life, EndpointIndex at, Fault& fault, Commands& out);
    void line_up_again(TimePoint now, Lives::iterator at, Commands& out);
    bool waits_for_others(EndpointIndex at, const Fault& fault) const;
    Fault stopped(TimePoint now, const RequestState& life, FaultKind why) const;
    Fault out_of_time(TimePoint now, const RequestState& life, std::string detail) const;
    bool is_outage(TimePoint now, TimePoint since) const;
    bool is_met_by_silence(const RequestState& life) const;
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
    FreeLists nodes_;  // Memory of the containers below.
    Lives lives_{&nodes_};
    std::pmr::unordered_map<AttemptId, Flight> attempts_{&nodes_};
    Moments deadlines_{&nodes_};
    Moments pauses_{&nodes_};
    Moments hedges_{&nodes_};
    std::size_t bytes_ = 0;
    std::uint64_t last_attempt_ = 0;
    std::set<std::pair<EndpointIndex, FaultKind>> told_to_go_on_;  // Said to the operator.
    bool has_called_ = false;                                      // CallWorkers has been sent.
    bool stopping_ = false;                                        // No attempt starts any more.
};

CostEstimate estimate_of(const Prepared& request);

// Latest useful start of an attempt: one second before the deadline, or a tenth of the time limit
// before it, whichever is shorter.
TimePoint latest_start(TimePoint since, TimePoint deadline);

}  // namespace skein
