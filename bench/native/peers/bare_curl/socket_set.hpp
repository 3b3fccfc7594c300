// The sockets of libcurl in one epoll set.
//
// libcurl forgets a socket after every transfer and remembers it for the next. Unless we are eager,
// it stays in the set meanwhile, which saves two system calls a request; libcurl closes sockets
// through us, so that we know when a number stands for a new one.
#pragma once
#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

namespace skein::bench {

class SocketSet {
public:
    explicit SocketSet(bool eager) : set_{epoll_create1(EPOLL_CLOEXEC)}, eager_{eager} {}

    // What libcurl wants to hear of a socket, and which multi handle does.
    void want(curl_socket_t fd, int what, std::uint32_t multi) {
        auto& watch = at(fd);
        watch.wanted = what == CURL_POLL_REMOVE ? 0 : what;
        watch.multi = multi;
        if (eager_ || watch.wanted != 0) tell_system(fd, watch);
    }

    void close(curl_socket_t fd) {
        at(fd) = {};
        ::close(fd);
    }

    // Waits, at most so many milliseconds (below 0: for ever), then calls
    // `act(multi, fd, CURL_CSELECT_*)` for what has happened.
    template <class Act>
    void wait(int timeout, Act act) {
        const int count =
            epoll_wait(set_, events_.data(), static_cast<int>(events_.size()), timeout);
        for (int i = 0; i < count; ++i) {
            const auto& event = events_[static_cast<std::size_t>(i)];
            const int fd = event.data.fd;
            auto& watch = at(fd);
            const int happened = wanted_of(event.events, watch.wanted);
            if (happened != 0) {
                act(watch.multi, fd, happened);
            } else {
                tell_system(fd, watch);  // Nobody wants it any more.
            }
        }
    }

private:
    struct Watch {
        int wanted = 0;   // By libcurl.
        int watched = 0;  // By the system.
        std::uint32_t multi = 0;
    };

    static int wanted_of(std::uint32_t events, int wanted) {
        const bool in = events & (EPOLLIN | EPOLLERR | EPOLLHUP);
        const bool out = events & (EPOLLOUT | EPOLLERR | EPOLLHUP);
        return (in && (wanted & CURL_POLL_IN) ? CURL_CSELECT_IN : 0) |
               (out && (wanted & CURL_POLL_OUT) ? CURL_CSELECT_OUT : 0);
    }

    void tell_system(curl_socket_t fd, Watch& watch) {
        if (watch.watched == watch.wanted) return;
        epoll_event event{.events = 0, .data = {.fd = fd}};
        if (watch.wanted & CURL_POLL_IN) event.events |= EPOLLIN;
        if (watch.wanted & CURL_POLL_OUT) event.events |= EPOLLOUT;
        const int operation = watch.wanted == 0    ? EPOLL_CTL_DEL
                              : watch.watched == 0 ? EPOLL_CTL_ADD
                                                   : EPOLL_CTL_MOD;
        epoll_ctl(set_, operation, fd, &event);
        watch.watched = watch.wanted;
    }

    Watch& at(curl_socket_t fd) {
        const auto index = static_cast<std::size_t>(fd);
        if (index >= sockets_.size()) sockets_.resize(index + 1);
        return sockets_[index];
    }

    const int set_;
    const bool eager_;
    std::vector<Watch> sockets_;  // By descriptor.
    std::array<epoll_event, 256> events_;
};

}  // namespace skein::bench
