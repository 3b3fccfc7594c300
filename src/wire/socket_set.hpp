// The sockets of libcurl, watched for it: one epoll set, which the loop sees as one descriptor.
//
// Four rules keep this safe, and each was once a bug in somebody's adapter:
//   1. libcurl owns its sockets. We open and close them at its word, so that we know when a
//      number stands for a new socket: its generation is then another.
//   2. An event is told only to the generation it was for, and only while libcurl wants to hear.
//   3. A direction stays watched, event after event, until libcurl says otherwise.
//   4. A socket that libcurl has lost interest in, between two requests, stays in the set: it is
//      cheaper to leave it there. It leaves at the first event that nobody wants.
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

    // From now on `ready` is called on the loop whenever a socket may be. It may destroy us.
    void watch(std::function<void()> ready);

    // What libcurl wants to hear of a socket: CURL_POLL_*. False if the system refuses.
    bool want(curl_socket_t fd, int what, Multi& multi);

    // `act(multi, fd, events)` for what has happened, events as CURL_CSELECT_*, at most `handful`
    // of them. How many there were.
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
        int wanted = 0;   // By libcurl.
        int watched = 0;  // By the system.
        bool ours = false;
    };
    struct Event {
        Multi* multi;
        int happened;  // 0: nothing that anybody wants to hear.
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
