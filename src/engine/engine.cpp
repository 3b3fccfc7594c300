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

// Batch size: large enough to be cheap, small enough that the timer does not wait long.
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
      thread_{[this] { loop_.run(); }} {}

Engine::~Engine() {
    boost::asio::post(loop_, [this] {
        backend_->close();
        alarm_.cancel();
        loop_.stop();
    });
    thread_.join();
}

// One turn of the loop: events in, commands out.
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
    backlog_.push_back(std::move(request));
    feed();
}

void Engine::take(Dispatcher::Cancel& cancel) {
    const auto at = std::find_if(backlog_.begin(), backlog_.end(), [&](const auto& waiting) {
        return waiting.seq == cancel.seq;
    });
    if (at == backlog_.end()) return pass_on(cancel);
    auto request = std::move(*at);
    backlog_.erase(at);
    turn_away(std::move(request));
}

void Engine::take(CancelInbox& cancel) {
    std::vector<Dispatcher::Cancel> all;
    const auto note = [&](Sequence seq, const ReplySink& sink) {
        if (sink.ticket.inbox() == cancel.inbox) all.push_back({seq});
    };
    for (const auto& [seq, sink] : sinks_) note(seq, sink);
    for (const auto& waiting : backlog_) note(waiting.seq, waiting.sink);
    for (auto& one : all) take(one);
}

void Engine::take(Dispatcher::CancelAll& cancel) {
    pass_on(cancel);
    turn_all_away();
}

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
    // Waits for a turn of the control thread. Must not be called on that thread (deadlock).
    std::promise<Tally> promise;
    auto future = promise.get_future();
    inbox_.put(Look{&promise});
    return future.get();
}

void Engine::take(Look& look) {
    const auto now = Clock::now();
    auto tally = dispatcher_.tally(now);
    tally.waiting += backlog_.size();
    tally.admitted += turned_away_;
    tally.failed += turned_away_;
    tally.request_faults[static_cast<std::size_t>(FaultKind::cancelled)] += turned_away_;
    tally.elapsed = now - began_;
    look.result->set_value(tally);
}

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
        sinks_.emplace(next.seq, std::move(next.sink));
        pass_on(Dispatcher::Submitted{next.seq, std::move(next.request)});
    }
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

void Engine::obey(Dispatcher::StartAttempt& start) { backend_->start(std::move(start.attempt)); }

void Engine::obey(Dispatcher::StopAttempt& stop) { backend_->stop(stop.id); }

void Engine::obey(Dispatcher::Deliver& deliver) {
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
