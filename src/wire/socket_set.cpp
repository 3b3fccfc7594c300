// epoll set for libcurl's sockets. Invariant: `watched` equals the registration in the kernel, and
// the event data hold the generation, so that an event of a closed socket is recognised after its
// descriptor number has been reused. Loop thread only.
#include "wire/socket_set.hpp"

#include "base/assert.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace skein::wire {
namespace {

std::uint32_t to_epoll(int directions) {
    return ((directions & CURL_POLL_IN) ? EPOLLIN : 0u) |
           ((directions & CURL_POLL_OUT) ? EPOLLOUT : 0u);
}

// An error counts as readiness: libcurl then reads or writes and finds the error itself.
int to_select(std::uint32_t events, int wanted) {
    const bool in = events & (EPOLLIN | EPOLLERR | EPOLLHUP);
    const bool out = events & (EPOLLOUT | EPOLLERR | EPOLLHUP);
    return ((in && (wanted & CURL_POLL_IN)) ? CURL_CSELECT_IN : 0) |
           ((out && (wanted & CURL_POLL_OUT)) ? CURL_CSELECT_OUT : 0);
}

}  // namespace

SocketSet::SocketSet(asio::io_context& loop) : set_{loop, epoll_create1(EPOLL_CLOEXEC)} {}

void SocketSet::watch(std::function<void()> ready) {
    ready_ = std::move(ready);
    wait();
}

// One wait is pending at a time. It is renewed after each wake-up, unless `ready` has destroyed
// this object.
void SocketSet::wait() {
    set_.async_wait(set_.wait_read, [this, alive = std::weak_ptr{alive_}](auto error) {
        if (error || alive.expired()) return;
        const auto ready = ready_;  // A copy, because the call may destroy this object.
        ready();
        if (!alive.expired()) wait();
    });
}

bool SocketSet::want(curl_socket_t fd, int what, Multi& multi) {
    auto& watch = at(fd);
    if (what == CURL_POLL_REMOVE) {
        watch.wanted = 0;
        // A socket that libcurl opened itself (DNS, socket pair) leaves the set now, because its
        // close is not reported. Our own sockets stay (rule 4).
        return watch.ours || tell_system(fd, watch, 0);
    }
    watch.multi = &multi;
    watch.wanted = what;
    return tell_system(fd, watch, what);
}

bool SocketSet::tell_system(curl_socket_t fd, Watch& watch, int directions) {
    if (watch.watched == directions) return true;
    const int operation = directions == 0      ? EPOLL_CTL_DEL
                          : watch.watched == 0 ? EPOLL_CTL_ADD
                                               : EPOLL_CTL_MOD;
    epoll_event event{};
    event.events = to_epoll(directions);
    event.data.u64 = std::uint64_t{watch.generation} << 32 | static_cast<std::uint32_t>(fd);
    // An error of EPOLL_CTL_DEL is ignored: the descriptor may be closed already, and the kernel
    // has then removed it from the set.
    if (epoll_ctl(set_.native_handle(), operation, fd, &event) != 0 && directions != 0) {
        return false;
    }
    watch.watched = directions;
    return true;
}

// Does not block (timeout 0). Events beyond `handful` stay in the kernel, and the loop wakes again.
std::size_t SocketSet::collect() {
    const int count =
        epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

SocketSet::Event SocketSet::read(const epoll_event& event) {
    const auto fd = static_cast<curl_socket_t>(event.data.u64);
    auto& watch = at(fd);
    if (watch.generation != event.data.u64 >> 32) return {nullptr, 0};
    const int happened = to_select(event.events, watch.wanted);
    // Unwanted: register only the wanted directions, or a level-triggered event would repeat.
    if (happened == 0) tell_system(fd, watch, watch.wanted);
    return {watch.multi, happened};
}

curl_socket_t SocketSet::open(const curl_sockaddr& address) {
    // SOCK_CLOEXEC: child processes must not inherit the socket.
    const auto fd = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    auto& watch = at(fd);
    watch = {.generation = watch.generation + 1, .ours = true};
    ++open_;
    return fd;
}

void SocketSet::close(curl_socket_t fd) {
    auto& watch = at(fd);
    SKEIN_ASSERT(watch.ours);
    // The new generation makes events of this socket void that were read in the same batch.
    watch = {.generation = watch.generation + 1};
    --open_;
    ::close(fd);
}

// By descriptor number. The vector only grows, as far as the highest number that was ever open.
SocketSet::Watch& SocketSet::at(curl_socket_t fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= sockets_.size()) sockets_.resize(index + 1);
    return sockets_[index];
}

}  // namespace skein::wire
