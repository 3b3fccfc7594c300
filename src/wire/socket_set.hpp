// Watches libcurl's sockets: one epoll set, which the loop sees as one descriptor. Loop thread
// only.
//
// Four rules keep this safe; each was once a bug in an adapter between libcurl and an event loop:
//   1. libcurl owns its sockets. They are opened and closed here on its behalf, so that a reused
//      descriptor number is noticed: each new socket gets a new generation.
//   2. An event is delivered only to the generation it belongs to, and only in a direction that
//      libcurl wants.
//   3. A direction stays watched, event after event (level-triggered), until libcurl changes it.
//   4. An idle socket between two requests stays in the set, because that is cheaper. It leaves the
//      set at its first unwanted event.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace skein::wire {

namespace asio = boost::asio;
class Multi;

class SocketSet {
public:
    explicit SocketSet(asio::io_context& loop);
    SocketSet(const SocketSet&) = delete;
    SocketSet& operator=(const SocketSet&) = delete;

    // From now on `ready` is called on the loop whenever a socket may be ready. `ready` may destroy
    // the socket set.
    void watch(std::function<void()> ready);

    // libcurl's interest in a socket changes; `what` is CURL_POLL_*. False if the system refuses.
    bool want(curl_socket_t fd, int what, Multi& multi);

    // Calls `act(multi, fd, events)` for at most `handful` ready sockets; events are
    // CURL_CSELECT_*. Returns the number of events read, unwanted ones included.
    template <class Act>
    std::size_t each_event(Act act);
    static constexpr std::size_t handful = 64;

    curl_socket_t open(const curl_sockaddr& address);
    void close(curl_socket_t fd);
    std::size_t open_sockets() const { return open_; }

private:
    struct Watch {
        Multi* multi = nullptr;
        std::uint32_t generation = 0;
        int wanted = 0;     // Directions that libcurl wants.
        int watched = 0;    // Directions registered with epoll.
        bool ours = false;  // Opened by `open`.
    };
    struct Event {
        Multi* multi;
        int happened;  // CURL_CSELECT_*; 0: nothing that libcurl wants.
    };

    void wait();
    std::size_t collect();
    Event read(const epoll_event& event);
    bool tell_system(curl_socket_t fd, Watch& watch, int directions);
    Watch& at(curl_socket_t fd);

    asio::posix::stream_descriptor set_;
    std::vector<Watch> sockets_;  // By descriptor.
    std::array<epoll_event, handful> events_;
    std::function<void()> ready_;
    std::size_t open_ = 0;
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

template <class Act>
std::size_t SocketSet::each_event(Act act) {
    const auto count = collect();
    for (std::size_t i = 0; i < count; ++i) {
        const auto [multi, happened] = read(events_[i]);
        if (happened != 0) act(*multi, static_cast<curl_socket_t>(events_[i].data.u64), happened);
    }
    return count;
}

}  // namespace skein::wire
