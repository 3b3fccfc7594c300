#include "sockets.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

namespace skein::bench {

void require(bool fine, const char* what) {
    if (fine) return;
    std::perror(what);
    std::exit(1);
}

int listen_on_loopback() {
    constexpr int backlog = 16384;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    require(fd >= 0, "socket");
    const int on = 1;  // Those that are accepted inherit it.
    require(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
    require(::listen(fd, backlog) == 0, "listen");
    return fd;
}

std::uint16_t port_of(int listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    require(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "port");
    return ntohs(address.sin_port);
}

int signals_of_ending() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    require(sigprocmask(SIG_BLOCK, &signals, nullptr) == 0, "sigprocmask");
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without asking that there be none.
    const int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    require(fd >= 0, "signalfd");
    return fd;
}

int make_alarm() {
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    require(fd >= 0, "timerfd_create");
    return fd;
}

void ring_at(int alarm, std::chrono::nanoseconds moment) {
    constexpr long second = 1'000'000'000;
    itimerspec when{};
    when.it_value = {.tv_sec = moment.count() / second, .tv_nsec = moment.count() % second};
    require(timerfd_settime(alarm, TFD_TIMER_ABSTIME, &when, nullptr) == 0, "timerfd_settime");
}

void raise_limits() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace skein::bench
