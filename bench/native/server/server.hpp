// The canned server: one thread, one epoll set, and answers that were put together beforehand.
//
//     readable ── question whole? ── waits its latency ── answer, or one event after the other
//
// A socket is registered once, for both directions and edge-triggered: while requests come and go,
// the only system calls are one to receive, one to send, and a share of one to wait.
#pragma once
#include "answers.hpp"
#include "connection.hpp"
#include "options.hpp"
#include "tls.hpp"
#include "waiting_line.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace skein::bench {

struct Totals {
    std::size_t requests = 0;
    std::size_t connections = 0;
    std::size_t max_in_flight = 0;
    std::size_t max_connections = 0;
};

class Server {
public:
    explicit Server(const Options& options);

    std::uint16_t port() const;

    // Serves until a signal, or the end of our input, says that it is enough.
    void run();

    const Totals& totals() const { return totals_; }

private:
    void watch(int fd, std::uint32_t events);
    void wait();
    void set_alarm();
    void on_event(const epoll_event& event);
    bool input_ended();
    void accept_all();

    void serve(Connection& connection);
    void begin(Connection& connection, const Question& question);
    void answer(Connection& connection);
    void send_event(Connection& connection);
    void finish(Connection& connection);
    // To be called last: it may be the end of the connection.
    void settle(Connection& connection);

    void end_waits();
    void go_round();
    Connection* find(Ticket ticket);
    TimePoint next_moment() const;

    const Options options_;
    const Answers answers_;
    const Tls tls_;
    const int set_;
    const int listener_;
    const int signals_;
    const int alarm_;
    TimePoint alarm_at_ = TimePoint::max();
    bool ending_ = false;

    std::vector<std::unique_ptr<Connection>> connections_;  // By descriptor.
    std::size_t open_ = 0;
    std::size_t in_flight_ = 0;
    std::uint64_t last_serial_ = 0;

    WaitingLine latency_;
    WaitingLine first_;
    WaitingLine between_events_;
    std::vector<Ticket> streams_;  // Those that get an event in every turn of the loop.
    std::vector<Ticket> round_;    // The same, of the turn that is under way.

    std::array<epoll_event, 1024> events_;
    std::vector<char> scratch_;
    Totals totals_;
};

}  // namespace skein::bench
