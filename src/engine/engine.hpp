#pragma once
#include "backend/backend.hpp"
#include "backend/mailbox.hpp"
#include "base/free_lists.hpp"
#include "dispatch/dispatcher.hpp"
#include "engine/alarm.hpp"
#include "engine/reply_sink.hpp"
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
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace skein {

// The event loop around the dispatcher. It turns the dispatcher's commands into attempts, a timer
// and replies, and passes events to it. It decides nothing. It reads the clock once a turn (and
// once more for the loop watch); the dispatcher reads no clock at all.
//
// Thread: the engine owns the control thread, on which all its work runs in turns. A turn passes
// all waiting events to the dispatcher; the resulting orders and replies go out together at its
// end.
class Engine {
public:
    struct Submitted {
        Sequence seq = 0;
        RequestPtr request{};
        ReplySink sink{};
    };
    using Delivered = DeliveredReply;

    struct Parts {
        Desk desk;
        Dispatcher::Settings settings{};
        // Makes the backend. `loop` is the control loop, for a backend without threads of its own.
        std::function<std::unique_ptr<Backend>(boost::asio::io_context& loop, Backend::Tell)>
            backend;
        // Receives the replies of a turn, on the control thread; must not block.
        std::function<void(std::vector<Delivered>)> deliver;
        LogFunction log{};
        // Called once, on the control thread, when the local workers should be started.
        std::function<void()> call_workers{};
        LoopWatch* watch = nullptr;  // Measures the turns; must outlive the engine.
    };

    explicit Engine(Parts parts);

    // Drops all attempts, delivers nothing more, and joins the control thread; in bounded time. The
    // sinks of requests without a reply stay until the engine is destroyed.
    void halt();

    // As `halt`. Then the sinks that are left are destroyed, on this thread.
    ~Engine();

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // All functions below: any thread. None blocks except `tally`, which waits for the control
    // thread.
    void submit(Submitted request) { inbox_.put(std::move(request)); }
    void submit(std::vector<Submitted> requests) { inbox_.put_all(requests); }
    void cancel(Sequence seq) { inbox_.put(Dispatcher::Cancel{seq}); }
    // Cancels all requests whose replies would go to this inbox.
    void cancel(std::shared_ptr<const Inbox> inbox) { inbox_.put(CancelInbox{std::move(inbox)}); }
    void cancel_all() { inbox_.put(Dispatcher::CancelAll{}); }
    // Requests not in flight are cancelled; attempts in flight may finish.
    void stop_starting() { inbox_.put(Dispatcher::StopStarting{}); }
    // No further request will be submitted, so idle connections are closed once no request waits.
    void expect_no_more() { inbox_.put(NoMore{}); }
    // `count` more of the delivered replies have been recorded.
    void recorded(std::size_t count) { inbox_.put(Dispatcher::Recorded{count}); }
    // A worker became available or went away.
    void tell(EndpointUpdate news) { inbox_.put(std::move(news)); }
    Tally tally();

private:
    struct Look {
        std::promise<Tally>* result;
    };
    struct NoMore {};
    struct CancelInbox {
        std::shared_ptr<const Inbox> inbox;
    };
    using Event = std::variant<
        Submitted,
        AttemptBegan,
        AttemptChunk,
        AttemptDone,
        EndpointUpdate,
        Dispatcher::TimePassed,
        Dispatcher::Cancel,
        CancelInbox,
        Dispatcher::CancelAll,
        Dispatcher::StopStarting,
        Dispatcher::Recorded,
        NoMore,
        Look>;

    void turn(std::span<Event> events);
    void take(Submitted& request);
    void take(Dispatcher::Cancel& cancel);
    void take(CancelInbox& cancel);
    void take(Dispatcher::CancelAll& cancel);
    void take(Dispatcher::StopStarting& stop);
    void take(AttemptBegan& began) { pass_on(began); }
    void take(AttemptChunk& chunk) { pass_on(chunk); }
    void take(AttemptDone& done) { pass_on(std::move(done)); }
    void take(EndpointUpdate& news);
    void take(Dispatcher::TimePassed& passed) { pass_on(passed); }
    void take(Dispatcher::Recorded& recorded) { pass_on(recorded); }
    void take(NoMore&) { all_are_here_ = true; }
    void take(Look& look);
    void pass_on(Dispatcher::Event event);
    void feed();
    void admit(Submitted request);
    void turn_away(Submitted request);
    void turn_all_away();
    void say_if_no_more();
    void obey(Dispatcher::StartAttempt& start);
    void obey(Dispatcher::StopAttempt& stop);
    void obey(Dispatcher::HandOn& on);
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
    FreeLists sink_nodes_;
    // Of the requests that the dispatcher holds.
    std::pmr::unordered_map<Sequence, ReplySink> sinks_{&sink_nodes_};
    std::deque<Submitted> backlog_;  // Requests beyond the window, not admitted yet.
    std::uint64_t turned_away_ = 0;  // Requests cancelled in the backlog.
    bool all_are_here_ = false;      // No further request will be submitted.
    bool no_more_said_ = false;      // The backend has been told so.
    TimePoint began_;

    // State of the present turn.
    TimePoint now_{};
    Dispatcher::Commands commands_;
    std::vector<Delivered> delivered_;

    std::thread thread_;
};

}  // namespace skein
