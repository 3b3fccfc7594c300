#include "engine/engine.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <utility>
#include <variant>

namespace skein {

template <class Call>
void Engine::post(Call call) {
    boost::asio::post(loop_, std::move(call));
}

Engine::Engine(Parts parts)
    : parts_{std::move(parts)},
      dispatcher_{std::move(parts_.desk), parts_.settings},
      backend_{parts_.backend(
          loop_,
          [this](AttemptId id, AttemptResult result) {
              post([this, id, result = std::move(result)]() mutable {
                  tell(Dispatcher::AttemptDone{id, std::move(result)});
                  feed();
              });
          }
      )},
      alarm_{
          loop_,
          [this] {
              tell(Dispatcher::TimePassed{});
              feed();
          }},
      began_{Clock::now()},
      thread_{[this] { loop_.run(); }} {}

Engine::~Engine() {
    post([this] {
        backend_->close();
        alarm_.cancel();
        loop_.stop();
    });
    thread_.join();
}

void Engine::submit(Sequence seq, RequestPtr request) {
    post([this, seq, request = std::move(request)]() mutable {
        backlog_.push_back(Submitted{seq, std::move(request)});
        feed();
    });
}

void Engine::cancel(Sequence seq) {
    post([this, seq] {
        const auto at = std::find_if(backlog_.begin(), backlog_.end(), [&](const auto& waiting) {
            return waiting.seq == seq;
        });
        if (at == backlog_.end()) {
            tell(Dispatcher::Cancel{seq});
            return feed();
        }
        backlog_.erase(at);
        turn_away(seq);
    });
}

void Engine::cancel_all() {
    post([this] {
        tell(Dispatcher::CancelAll{});
        turn_all_away();
    });
}

void Engine::stop_starting() {
    post([this] {
        tell(Dispatcher::StopStarting{});
        turn_all_away();
    });
}

Tally Engine::tally() {
    std::promise<Tally> promise;
    auto future = promise.get_future();
    post([this, &promise] {
        auto tally = dispatcher_.tally();
        tally.waiting += backlog_.size();
        tally.admitted += turned_away_;
        tally.failed += turned_away_;
        tally.request_faults[static_cast<std::size_t>(FaultKind::cancelled)] += turned_away_;
        tally.elapsed = Clock::now() - began_;
        promise.set_value(tally);
    });
    return future.get();
}

// The whole loop: what happened goes in, what to do comes out.
void Engine::tell(Dispatcher::Event event) {
    const auto now = Clock::now();
    Dispatcher::Commands commands;
    dispatcher_.on(now, std::move(event), commands);
    for (auto& command : commands) std::visit([this](auto& c) { obey(c); }, command);
    alarm_.set(dispatcher_.wake_at(now));
}

// Keeps the window full.
void Engine::feed() {
    while (!backlog_.empty() && dispatcher_.has_room()) {
        auto next = std::move(backlog_.front());
        backlog_.pop_front();
        tell(std::move(next));
    }
}

void Engine::turn_away(Sequence seq) {
    ++turned_away_;
    Fault fault{.kind = FaultKind::cancelled, .detail = "cancelled before it was admitted"};
    parts_.deliver(seq, Reply{.outcome = std::move(fault)});
}

void Engine::turn_all_away() {
    while (!backlog_.empty()) {
        const auto seq = backlog_.front().seq;
        backlog_.pop_front();
        turn_away(seq);
    }
}

void Engine::obey(Dispatcher::StartAttempt& start) { backend_->start(std::move(start.attempt)); }

void Engine::obey(Dispatcher::StopAttempt& stop) { backend_->stop(stop.id); }

void Engine::obey(Dispatcher::Deliver& deliver) {
    parts_.deliver(deliver.seq, std::move(deliver.reply));
}

void Engine::obey(Dispatcher::Say& say) {
    if (parts_.log) parts_.log(LogLevel::warn, say.text);
}

}  // namespace skein
