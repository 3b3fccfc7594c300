// The event loop around the dispatcher. A turn: read the clock once, pass every event to the
// dispatcher, obey its commands, fill the window from the backlog, hand the orders to the backend
// and the replies to the client, set the alarm. Invariant: the dispatcher is called on the control
// thread only, and with times that never go backwards.
#include "engine/engine.hpp"

#include "base/assert.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <utility>
#include <variant>

namespace skein {

// Events of one turn at most: enough to be cheap for each, few enough that the alarm does not wait
// long.
constexpr std::size_t events_a_turn = 1024;

Engine::Engine(Parts parts)
    : parts_{std::move(parts)},
      dispatcher_{std::move(parts_.desk), parts_.settings},
      inbox_{loop_, events_a_turn, [this](auto events) { turn(events); }},
      backend_{parts_.backend(
          loop_,
          [this](std::vector<AttemptEvent> events) {
              std::vector<Event> all;
              all.reserve(events.size());
              for (auto& event : events) {
                  std::visit([&](auto& e) { all.emplace_back(std::move(e)); }, event);
              }
              // Any thread. One wake-up serves all events of a call.
              inbox_.put_all(all);
          }
      )},
      alarm_{
          loop_,
          [this] {
              Event passed = Dispatcher::TimePassed{};
              turn({&passed, 1});
          }},
      began_{Clock::now()},
      // The last member, because the thread uses all others.
      thread_{[this] { loop_.run(); }} {}

Engine::~Engine() { halt(); }

void Engine::halt() {
    if (!thread_.joinable()) return;
    // On the loop, because backend and alarm belong to the control thread.
    boost::asio::post(loop_, [this] {
        backend_->close();
        alarm_.cancel();
        loop_.stop();
    });
    thread_.join();
}

// One turn of the loop: events in, commands out. The backlog is fed after all events, because these
// make room. Attempts and replies leave once, at the end, because each hand-over may wake a thread.
// The alarm is last: only now is the next appointment known.
void Engine::turn(std::span<Event> events) {
    now_ = Clock::now();
    const LoopWatch::Turn watched{parts_.watch, now_};
    for (auto& event : events) std::visit([this](auto& e) { take(e); }, event);
    feed();
    say_if_no_more();
    backend_->go();
    if (!delivered_.empty()) parts_.deliver(std::exchange(delivered_, {}));
    alarm_.set(dispatcher_.wake_at(now_));
}

void Engine::take(Submitted& request) {
    // Past the backlog where it can, because most requests find room at once.
    if (backlog_.empty() && dispatcher_.has_room()) return admit(std::move(request));
    backlog_.push_back(std::move(request));
    feed();
}

// The dispatcher does not know the requests of the backlog, so these are answered here.
void Engine::take(Dispatcher::Cancel& cancel) {
    const auto at = std::find_if(backlog_.begin(), backlog_.end(), [&](const auto& waiting) {
        return waiting.seq == cancel.seq;
    });
    if (at == backlog_.end()) {
        // Pieces that wait are not wanted any more, even if the answer is complete.
        const auto sink = sinks_.find(cancel.seq);
        if (sink != sinks_.end() && sink->second.chunks) sink->second.chunks->close();
        return pass_on(cancel);
    }
    auto request = std::move(*at);
    backlog_.erase(at);
    turn_away(std::move(request));
}

// The numbers are collected first, because each cancellation changes `sinks_`.
void Engine::take(CancelInbox& cancel) {
    // Moved out of the event, because the mailbox keeps its last batch of events until the next
    // one.
    const auto inbox = std::move(cancel.inbox);
    std::vector<Sequence> held;
    for (const auto& [seq, sink] : sinks_) {
        if (sink.ticket.inbox() == inbox) held.push_back(seq);
    }
    std::ranges::sort(held);  // The map has no order; cancelling goes by age.
    for (const auto seq : held) pass_on(Dispatcher::Cancel{seq});
    std::deque<Submitted> kept;
    for (auto& request : backlog_) {
        if (request.sink.ticket.inbox() == inbox) {
            turn_away(std::move(request));
        } else {
            kept.push_back(std::move(request));
        }
    }
    backlog_ = std::move(kept);
}

// The backlog is turned away in the same step. Otherwise `feed` would admit it into the room that
// the cancelled requests have left, and the requests would be sent and billed.
void Engine::take(Dispatcher::CancelAll& cancel) {
    pass_on(cancel);
    turn_all_away();
}

// As above, so that all of them are counted as turned away.
void Engine::take(Dispatcher::StopStarting& stop) {
    pass_on(stop);
    turn_all_away();
}

// The backend must know the address before the dispatcher can start an attempt there.
void Engine::take(EndpointUpdate& news) {
    if (news.availability == Availability::there) backend_->move(news.endpoint, news.where);
    pass_on(std::move(news));
}

Tally Engine::tally() {
    // Waits for a turn of the control thread. Must not be called on that thread (deadlock). The
    // promise may be a local variable, because this function returns only after it is fulfilled.
    std::promise<Tally> promise;
    auto future = promise.get_future();
    inbox_.put(Look{&promise});
    return future.get();
}

void Engine::take(Look& look) {
    const auto now = Clock::now();
    auto tally = dispatcher_.tally(now);
    // Requests that never reached the dispatcher are missing in its counts.
    tally.waiting += backlog_.size();
    tally.admitted += turned_away_;
    tally.failed += turned_away_;
    tally.request_faults[static_cast<std::size_t>(FaultKind::cancelled)] += turned_away_;
    tally.elapsed = now - began_;
    look.result->set_value(tally);
}

// No command leads back into the dispatcher, so `commands_` does not change during the loop.
void Engine::pass_on(Dispatcher::Event event) {
    dispatcher_.on(now_, std::move(event), commands_);
    for (auto& command : commands_) std::visit([this](auto& c) { obey(c); }, command);
    commands_.clear();
}

// Moves requests from the backlog into the dispatcher while its window has room.
void Engine::feed() {
    while (!backlog_.empty() && dispatcher_.has_room()) {
        auto next = std::move(backlog_.front());
        backlog_.pop_front();
        admit(std::move(next));
    }
}

void Engine::admit(Submitted request) {
    // Before the event, because the dispatcher may answer it at once.
    sinks_.emplace(request.seq, std::move(request.sink));
    pass_on(Dispatcher::Submitted{request.seq, std::move(request.request)});
}

// Tells the backend once that no new requests follow. Not while a request waits, in line or for a
// retry, because it will need an idle connection.
void Engine::say_if_no_more() {
    const bool some_wait = !backlog_.empty() || dispatcher_.held() > dispatcher_.desk().in_flight();
    if (!all_are_here_ || some_wait || std::exchange(no_more_said_, true)) return;
    backend_->expect_no_more();
}

void Engine::turn_away(Submitted request) {
    ++turned_away_;
    Fault fault{.kind = FaultKind::cancelled, .detail = "cancelled before it was admitted"};
    delivered_.push_back({request.seq, Reply{.outcome = std::move(fault)}, std::move(request.sink)}
    );
}

void Engine::turn_all_away() {
    while (!backlog_.empty()) {
        auto request = std::move(backlog_.front());
        backlog_.pop_front();
        turn_away(std::move(request));
    }
}

void Engine::obey(Dispatcher::StartAttempt& start) {
    auto& attempt = start.attempt;
    if (attempt.request->wants_chunks) {
        if (auto& chunks = sinks_.at(attempt.seq).chunks)
            attempt.chunks = chunks->pipe_for(attempt.id);
    }
    backend_->start(std::move(attempt));
}

void Engine::obey(Dispatcher::StopAttempt& stop) { backend_->stop(stop.id); }

void Engine::obey(Dispatcher::HandOn& on) {
    if (auto& chunks = sinks_.at(on.seq).chunks) chunks->hand_on(on.id);
}

void Engine::obey(Dispatcher::Deliver& deliver) {
    // `admit` has stored a sink for every request that the dispatcher holds.
    auto sink = sinks_.extract(deliver.seq);
    SKEIN_ASSERT(!sink.empty());
    delivered_.push_back({deliver.seq, std::move(deliver.reply), std::move(sink.mapped())});
}

void Engine::obey(Dispatcher::Say& say) {
    if (parts_.log) parts_.log(LogLevel::warn, say.text);
}

void Engine::obey(Dispatcher::CallWorkers&) {
    if (parts_.call_workers) parts_.call_workers();
}

}  // namespace skein
