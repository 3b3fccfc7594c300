#pragma once
#include <skein/time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace skein {

// The only waiting in the program: one timer that calls at the earliest moment it was asked for.
class Alarm {
public:
    Alarm(boost::asio::io_context& loop, std::function<void()> ring)
        : timer_{loop}, ring_{std::move(ring)} {}

    // An earlier moment moves it forward. A later one does not move it back: it rings early, and
    // is set again; that is cheaper than moving it at every event.
    void set(TimePoint when) {
        if (when >= set_for_) return;
        set_for_ = when;
        timer_.expires_at(when);
        timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            set_for_ = never;
            ring_();
        });
    }

    void cancel() { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
    std::function<void()> ring_;
    TimePoint set_for_ = never;
};

}  // namespace skein
