// The commands of the dispatcher in a crash test, executed in simulated time, with the checks at
// each of them: no row is asked twice without reason, and a kill costs at most `in_flight` replies.
#include "crash/life.hpp"

#include <algorithm>
#include <utility>

namespace skein::crash {
namespace {

// True for a reply that is no answer to the row: it was stopped, a fault concerned every row, or
// its time was over before it was executed. Written independently of the fault table.
bool says_nothing_of_the_row(const Reply& reply) {
    if (!reply.fault()) return false;
    switch (reply.fault()->kind) {
        case FaultKind::deadline:
            return reply.maybe_executed == 0;
        case FaultKind::cancelled:
        case FaultKind::no_endpoint:
        case FaultKind::over_budget:
        case FaultKind::parked:
        case FaultKind::auth:
        case FaultKind::unknown_host:
        case FaultKind::quota:
        case FaultKind::tls_trust:
            return true;
        default:
            return false;
    }
}

std::string about(Sequence row) { return " (row " + std::to_string(row) + ")"; }

}  // namespace

void Life::tell(Dispatcher::Event event) {
    if (const auto* done = std::get_if<Dispatcher::AttemptDone>(&event)) {
        const auto node = flying_.extract(done->id);
        const auto& flight = node.mapped();
        const auto& a = flight.attempt;
        seen_.ended.push_back(
            {now_, a.seq, a.number, a.endpoint, done->result->sent, flight.stopped}
        );
    }
    Dispatcher::Commands commands;
    dispatcher_.on(now_, std::move(event), commands);
    for (auto& command : commands) std::visit([this](auto& c) { obey(c); }, command);
    seen_.max_held = std::max(seen_.max_held, dispatcher_.held());
}

void Life::obey(Dispatcher::StartAttempt& start) {
    const auto& a = start.attempt;
    const auto* record = world_.books.find(a.seq);
    const bool may_ask = !record || (job_.retry_failed && !record->ok) ||
                         (record->ok && is_asked_again(plan_, a.seq));
    must(may_ask, "asked again, and its reply was there" + about(a.seq));
    if (!world_.begun.insert(a.seq).second && a.number == 1) {
        must(record || world_.at_risk.contains(a.seq), "asked again for no reason" + about(a.seq));
        world_.at_risk.erase(a.seq);
        ++world_.again;
    }
    seen_.started.push_back({now_, a.seq, a.number, a.endpoint});
    must(
        flying_.size() + in_memory() < scene_.in_flight,
        "a kill costs more than what may be in flight" + about(a.seq)
    );
    auto answer = law::answer_to(scene_, a.seq, a.number, a.endpoint, now_);
    const auto at = agenda_.emplace(
        now_ + answer.latency, Dispatcher::AttemptDone{a.id, std::move(answer.result)}
    );
    flying_.emplace(a.id, Flight{a, at});
    if (scene_.settings.hedging)
        agenda_.emplace(now_ + answer.latency / 2, Dispatcher::AttemptBegan{a.id});
}

// The number of replies that a kill would lose now.
std::size_t Life::in_memory() const {
    std::size_t count = 0;
    for (const auto& [row, reply] : inbox_) count += is_bad(world_.plan, row) ? 0 : 1;
    for (const auto row : unwritten_)
        count += is_bad(world_.plan, row) || undone_.contains(row) ? 0 : 1;
    return count;
}

void Life::obey(Dispatcher::StopAttempt& stop) {
    auto& flight = flying_.at(stop.id);
    const auto& a = flight.attempt;
    flight.stopped = now_;
    const auto gone = now_ + law::stopping_time(scene_, a.seq, a.number);
    if (flight.at->first <= gone) return;  // The attempt ends before the stop takes effect.
    agenda_.erase(flight.at);
    AttemptResult result{Fault{.kind = FaultKind::cancelled, .detail = "stopped"}, {}, true};
    flight.at = agenda_.emplace(gone, Dispatcher::AttemptDone{stop.id, std::move(result)});
}

void Life::obey(Dispatcher::Deliver& d) {
    seen_.delivered.push_back(law::delivered_of(now_, d.seq, *d.reply));
    held_.erase(d.seq);
    if (auto* completion = std::get_if<Completion>(&d.reply->outcome))
        completion->body = answer_to(world_.plan, d.seq);
    if (says_nothing_of_the_row(*d.reply)) undone_.insert(d.seq);
    inbox_.emplace_back(d.seq, std::move(*d.reply));
    flush_at_ = std::min(flush_at_, now_ + plan_.linger);
}

}  // namespace skein::crash
