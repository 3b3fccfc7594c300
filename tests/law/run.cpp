#include "law/run.hpp"

#include "law/agenda.hpp"
#include "law/workers.hpp"

#include <algorithm>
#include <map>

namespace skein::law {
namespace {

// A run that has not ended by this time counts as hanging.
constexpr TimePoint doomsday = dawn + std::chrono::days{7};

// Stands in for the engine, on virtual time that jumps from event to event.
class Simulation {
public:
    explicit Simulation(const Scene& scene)
        : scene_{scene}, dispatcher_{desk_of(scene), scene.settings} {}

    Run run() {
        plan_the_calls_from_outside();
        for (feed(); now_ < doomsday && advance(); feed()) {
        }
        run_.finished = asked_ == scene_.requests;
        const auto tally = dispatcher_.tally();
        run_.hedges = tally.hedges;
        run_.rerouted = tally.rerouted;
        run_.at_rest = dispatcher_.held() == 0 && dispatcher_.desk().in_flight() == 0 &&
                       tally.is_consistent() && tally.attempts == run_.started.size() &&
                       tally.admitted == scene_.requests;
        return std::move(run_);
    }

private:
    void plan_the_calls_from_outside() {
        for (auto& [when, news] : news_of(scene_)) agenda_.emplace(when, std::move(news));
        for (Sequence seq = 0; seq < scene_.requests; ++seq) {
            if (const auto when = cancel_of(scene_, seq))
                agenda_.emplace(dawn + *when, Dispatcher::Cancel{seq});
        }
        if (scene_.cancel_all_at != never)
            agenda_.emplace(scene_.cancel_all_at, Dispatcher::CancelAll{});
        if (scene_.stop_starting_at != never) {
            agenda_.emplace(scene_.stop_starting_at, Dispatcher::StopStarting{});
        }
    }

    void feed() {
        while (asked_ < scene_.requests && dispatcher_.has_room()) {
            run_.admitted.push_back(now_);
            const auto seq = asked_++;
            tell(Dispatcher::Submitted{seq, request_of(scene_, seq)});
        }
    }

    bool advance() {
        return law::advance(dispatcher_, agenda_, now_, [this](Dispatcher::Event event) {
            tell(std::move(event));
        });
    }

    void tell(Dispatcher::Event event) {
        if (const auto* done = std::get_if<Dispatcher::AttemptDone>(&event)) note_end(*done);
        if (const auto* news = std::get_if<EndpointUpdate>(&event))
            run_.news.push_back({now_, news->endpoint, news->availability});
        Dispatcher::Commands commands;
        dispatcher_.on(now_, std::move(event), commands);
        for (auto& command : commands) std::visit([this](auto& c) { obey(c); }, command);
        run_.max_held = std::max(run_.max_held, dispatcher_.held());
        run_.idle_while_ready |= dispatcher_.desk().ready_at(now_) <= now_;
    }

    void obey(Dispatcher::StartAttempt& start) {
        const auto& a = start.attempt;
        run_.started.push_back({now_, a.seq, a.number, a.endpoint});
        auto answer = answer_to(scene_, a.seq, a.number, a.endpoint, now_);
        const auto at = agenda_.emplace(
            now_ + answer.latency, Dispatcher::AttemptDone{a.id, std::move(answer.result)}
        );
        flying_.emplace(a.id, Flight{a, at});
        if (answer.first_chunk)
            agenda_.emplace(now_ + *answer.first_chunk, Dispatcher::AttemptChunk{a.id});
        if (scene_.settings.hedging) {
            agenda_.emplace(now_ + answer.latency / 2, Dispatcher::AttemptBegan{a.id});
        }
    }

    void obey(Dispatcher::StopAttempt& stop) {
        auto& flight = flying_.at(stop.id);
        flight.stopped = now_;
        const auto gone = now_ + stopping_time(scene_, flight.attempt.seq, flight.attempt.number);
        if (flight.at->first <= gone) return;  // Its answer comes before the stop takes effect.
        agenda_.erase(flight.at);
        AttemptResult result{Fault{.kind = FaultKind::cancelled, .detail = "stopped"}, {}, true};
        flight.at = agenda_.emplace(gone, Dispatcher::AttemptDone{stop.id, std::move(result)});
    }

    void obey(Dispatcher::HandOn& on) {
        run_.handed_on.push_back({now_, on.seq, flying_.at(on.id).attempt.number});
    }

    void obey(Dispatcher::Deliver& d) {
        run_.delivered.push_back(delivered_of(now_, d.seq, *d.reply));
    }
    void obey(Dispatcher::Say&) {}
    void obey(Dispatcher::CallWorkers&) { run_.calls.push_back(now_); }

    void note_end(const Dispatcher::AttemptDone& done) {
        const auto flight = flying_.extract(done.id);
        const auto& a = flight.mapped().attempt;
        run_.ended.push_back(
            {now_, a.seq, a.number, a.endpoint, done.result->sent, flight.mapped().stopped}
        );
        const auto* fault = std::get_if<Fault>(&done.result->outcome);
        if (!fault || fault->kind != FaultKind::worker_died) return;
        if (const auto well = found_well_at(scene_, a.endpoint, now_)) {
            agenda_.emplace(
                *well, EndpointUpdate{.endpoint = a.endpoint, .availability = Availability::there}
            );
        }
    }

    struct Flight {
        Attempt attempt;
        Agenda::iterator at;
        TimePoint stopped = never;
    };

    const Scene& scene_;
    Dispatcher dispatcher_;
    Agenda agenda_;
    std::map<AttemptId, Flight> flying_;
    TimePoint now_ = dawn;
    Sequence asked_ = 0;
    Run run_;
};

}  // namespace

Run run_dispatcher(const Scene& scene) { return Simulation{scene}.run(); }

Delivered delivered_of(TimePoint when, Sequence seq, const Reply& reply) {
    const auto* fault = reply.fault();
    return {
        when,
        seq,
        std::string{fault ? to_string(fault->kind) : "completed"},
        reply.attempts,
        reply.maybe_executed,
        reply.endpoint,
        reply.served_by,
        reply.timing.queued};
}

}  // namespace skein::law
