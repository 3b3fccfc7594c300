#pragma once
#include "backend/backend.hpp"
#include "backend/mailbox.hpp"
#include "dispatch/dispatcher.hpp"
#include "engine/alarm.hpp"
#include "measure/loop_watch.hpp"

#include <skein/log.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace skein {

// The hands: turns the dispatcher's commands into attempts, a timer and replies, and tells it what
// came of them. It never decides; it reads the clock once a turn, and once more to know how long
// that took; nothing that decides reads it at all.
//
// It owns the control thread, where everything it does is done, turn by turn: in a turn all that
// has happened is told to the dispatcher, and what that wants done goes out together at its end.
class Engine {
public:
    using Submitted = Dispatcher::Submitted;
    using Delivered = Dispatcher::Deliver;

    struct Parts {
        Desk desk;
        Dispatcher::Settings settings{};
        // Makes the backend; `loop` is the control loop, for one that wants to live on it.
        std::function<std::unique_ptr<Backend>(boost::asio::io_context& loop, Backend::Tell)>
            backend;
        // Takes the replies of a turn, on the control thread; must not block.
        std::function<void(std::vector<Delivered>)> deliver;
        LogFunction log{};
        // Called once, on the control thread, when local workers had better be made ready.
        std::function<void()> call_workers{};
        LoopWatch* watch = nullptr;  // Of the turns; outlives the engine.
    };

    explicit Engine(Parts parts);

    // Drops what is under way, delivers nothing more, and ends the control thread; in bounded time.
    ~Engine();

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Any thread; none of these waits, but `tally`, for the control thread to look.
    void submit(Submitted request) { inbox_.put(std::move(request)); }
    void submit(std::vector<Submitted> requests) { inbox_.put_all(requests); }
    void cancel(Sequence seq) { inbox_.put(Dispatcher::Cancel{seq}); }
    void cancel_all() { inbox_.put(Dispatcher::CancelAll{}); }
    // What has not left yet is cancelled; what is in flight may finish.
    void stop_starting() { inbox_.put(Dispatcher::StopStarting{}); }
    // Nothing more will be submitted: what is kept for it is given up while others are waited for.
    void expect_no_more() { inbox_.put(NoMore{}); }
    // So many more of the delivered replies are written down.
    void recorded(std::size_t count) { inbox_.put(Dispatcher::Recorded{count}); }
    // A worker comes, or goes.
    void tell(EndpointUpdate news) { inbox_.put(std::move(news)); }
    Tally tally();

private:
    struct Look {
        std::promise<Tally>* result;
    };
    struct NoMore {};
    using Event = std::variant<
        Submitted,
        AttemptBegan,
        AttemptDone,
        EndpointUpdate,
        Dispatcher::TimePassed,
        Dispatcher::Cancel,
        Dispatcher::CancelAll,
        Dispatcher::StopStarting,
        Dispatcher::Recorded,
        NoMore,
        Look>;

    void turn(std::span<Event> events);
    void take(Submitted& request);
    void take(Dispatcher::Cancel& cancel);
    void take(Dispatcher::CancelAll& cancel);
    void take(Dispatcher::StopStarting& stop);
    void take(AttemptBegan& began) { pass_on(began); }
    void take(AttemptDone& done) { pass_on(std::move(done)); }
    void take(EndpointUpdate& news);
    void take(Dispatcher::TimePassed& passed) { pass_on(passed); }
    void take(Dispatcher::Recorded& recorded) { pass_on(recorded); }
    void take(NoMore&) { all_are_here_ = true; }
    void take(Look& look);
    void pass_on(Dispatcher::Event event);
    void feed();
    void turn_away(Sequence seq);
    void turn_all_away();
    void say_if_no_more();
    void obey(Dispatcher::StartAttempt& start);
    void obey(Dispatcher::StopAttempt& stop);
    void obey(Dispatcher::Deliver& deliver);
    void obey(Dispatcher::Say& say);
    void obey(Dispatcher::CallWorkers&);

    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    Parts parts_;
    Dispatcher dispatcher_;
    Mailbox<Event> inbox_;
    std::unique_ptr<Backend> backend_;
    Alarm alarm_;
    std::deque<Submitted> backlog_;  // Asked beyond the window: not admitted yet.
    std::uint64_t turned_away_ = 0;  // Cancelled out of the backlog.
    bool all_are_here_ = false;      // Nothing more will be submitted,
    bool no_more_said_ = false;      // and all that was is on its way.
    TimePoint began_;

    // Of this turn.
    TimePoint now_{};
    Dispatcher::Commands commands_;
    std::vector<Delivered> delivered_;

    std::thread thread_;
};

}  // namespace skein
