#pragma once
#include "backend/backend.hpp"
#include "dispatch/dispatcher.hpp"
#include "engine/alarm.hpp"

#include <skein/log.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <thread>

namespace skein {

// The hands: turns the dispatcher's commands into attempts, a timer and replies, and tells it what
// came of them. It never decides; it reads the clock once per event, and nothing that decides reads
// it at all.
//
// It owns the control thread, where everything it does is done. What others call is posted there.
class Engine {
public:
    struct Parts {
        Desk desk;
        Dispatcher::Settings settings{};
        // Makes the backend; `loop` is the control loop, for one that wants to live on it.
        std::function<std::unique_ptr<Backend>(boost::asio::io_context& loop, Backend::Done)>
            backend;
        // Takes a reply, on the control thread; must not block.
        std::function<void(Sequence, Reply)> deliver;
        LogFunction log{};
    };

    explicit Engine(Parts parts);

    // Drops what is under way, delivers nothing more, and ends the control thread; in bounded time.
    ~Engine();

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Any thread; none of these waits, but `tally`, for the control thread to look.
    void submit(Sequence seq, RequestPtr request);
    void cancel(Sequence seq);
    void cancel_all();
    // What has not left yet is cancelled; what is in flight may finish.
    void stop_starting();
    Tally tally();

private:
    using Submitted = Dispatcher::Submitted;

    template <class Call>
    void post(Call call);
    void tell(Dispatcher::Event event);
    void feed();
    void turn_away(Sequence seq);
    void turn_all_away();
    void obey(Dispatcher::StartAttempt& start);
    void obey(Dispatcher::StopAttempt& stop);
    void obey(Dispatcher::Deliver& deliver);
    void obey(Dispatcher::Say& say);

    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        loop_.get_executor()};
    Parts parts_;
    Dispatcher dispatcher_;
    std::unique_ptr<Backend> backend_;
    Alarm alarm_;
    std::deque<Submitted> backlog_;  // Asked beyond the window: not admitted yet.
    std::uint64_t turned_away_ = 0;  // Cancelled out of the backlog.
    TimePoint began_;
    std::thread thread_;
};

}  // namespace skein
