#pragma once
#include <skein/time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace skein {

// The timer of the control loop: it calls `ring` at the earliest time that was set. Loop thread
// only.
class Alarm {
public:
    Alarm(boost::asio::io_context& loop, std::function<void()> ring)
        : timer_{loop}, ring_{std::move(ring)} {}

    // An earlier time replaces the present one. A later time is ignored: the timer fires early and
    // is set again, which is cheaper than moving it at every event.
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
