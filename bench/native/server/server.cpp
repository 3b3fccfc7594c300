#include "server.hpp"

#include "sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace skein::bench {

Server::Server(const Options& options)
    : options_{options},
      answers_{options.answer, options.stream},
      tls_{options.certificate, options.key},
      set_{epoll_create1(EPOLL_CLOEXEC)},
      listener_{listen_on_loopback()},
      signals_{signals_of_ending()},
      alarm_{make_alarm()},
      latency_{options.latency},
      first_{options.first},
      between_events_{options.chunk_every},
      scratch_(256 * 1024) {
    require(set_ >= 0, "epoll_create1");
    watch(listener_, EPOLLIN);
    watch(signals_, EPOLLIN);
    watch(alarm_, EPOLLIN | EPOLLET);
    // An input that is a file, or /dev/null, cannot be watched: then only a signal ends us.
    epoll_event event{.events = EPOLLIN, .data = {.fd = STDIN_FILENO}};
    epoll_ctl(set_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

std::uint16_t Server::port() const { return port_of(listener_); }

void Server::run() {
    while (!ending_) {
        wait();
        end_waits();
        go_round();
    }
}

void Server::watch(int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    require(epoll_ctl(set_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

void Server::wait() {
    set_alarm();
    const int max_length = streams_.empty() ? -1 : 0;
    const int count =
        epoll_wait(set_, events_.data(), static_cast<int>(events_.size()), max_length);
    require(count >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < count; ++i) on_event(events_[static_cast<std::size_t>(i)]);
}

void Server::set_alarm() {
    const auto next = next_moment();
    if (next == alarm_at_ || next == TimePoint::max()) return;
    alarm_at_ = next;
    ring_at(alarm_, next.time_since_epoch());
}

void Server::on_event(const epoll_event& event) {
    const int fd = event.data.fd;
    if (fd == listener_) return accept_all();
    if (fd == alarm_) return;  // `end_waits` looks at the clock in every turn.
    if (fd == signals_ || (fd == STDIN_FILENO && input_ended())) ending_ = true;
    const auto index = static_cast<std::size_t>(fd);
    if (index >= connections_.size() || !connections_[index]) return;

    // An event of a connection that has just made room for another finds nothing new there.
    auto& connection = *connections_[index];
    const bool gone = event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (gone || ((event.events & EPOLLIN) && !connection.receive(scratch_))) {
        connection.state = Connection::State::broken;
        return settle(connection);
    }
    connection.flush();
    if (connection.state == Connection::State::streaming && between_events_.is_none() &&
        connection.all_sent() && !std::exchange(connection.in_rounds, true)) {
        streams_.push_back({fd, connection.serial()});
    }
    serve(connection);
    settle(connection);
}

bool Server::input_ended() { return ::read(STDIN_FILENO, scratch_.data(), scratch_.size()) <= 0; }

void Server::accept_all() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            require(errno != EMFILE && errno != ENFILE, "accept");
            return;
        }
        const auto index = static_cast<std::size_t>(fd);
        if (index >= connections_.size()) connections_.resize(index + 1);
        connections_[index] = std::make_unique<Connection>(fd, ++last_serial_, tls_.session(fd));
        watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        ++totals_.connections;
        totals_.max_connections = std::max(totals_.max_connections, ++open_);
    }
}

void Server::serve(Connection& connection) {
    while (connection.state == Connection::State::reading && connection.all_sent() &&
           connection.has_input()) {
        const auto question = connection.question();
        if (question.state == Question::State::nonsense) {
            connection.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            connection.state = Connection::State::broken;
        } else if (question.state == Question::State::complete) {
            begin(connection, question);
        } else {
            if (question.wants_continue && !std::exchange(connection.continued, true)) {
                connection.send("HTTP/1.1 100 Continue\r\n\r\n");
            }
            return;
        }
    }
}

void Server::begin(Connection& connection, const Question& question) {
    ++connection.requests;
    const bool last = options_.close_after != 0 && connection.requests >= options_.close_after;
    connection.after = last || !question.keep_alive ? After::closes
                       : question.http_1_0          ? After::stays_and_says_so
                                                    : After::stays;
    connection.wants_stream = options_.stream > 0 && asks_for_stream(question.body);
    connection.take(question);
    connection.asked = true;
    totals_.max_in_flight = std::max(totals_.max_in_flight, ++in_flight_);

    const bool is_first = ++totals_.requests == 1 && options_.first >= options_.first.zero();
    auto& line = is_first ? first_ : latency_;
    if (line.is_none()) return answer(connection);
    connection.state = Connection::State::waiting;
    line.begin(Clock::now(), {connection.fd(), connection.serial()});
}

void Server::answer(Connection& connection) {
    if (!connection.wants_stream) {
        connection.send(answers_.plain(connection.after));
        return finish(connection);
    }
    connection.state = Connection::State::streaming;
    connection.next_event = 0;
    connection.send(answers_.stream_head(connection.after));
    const Ticket ticket{connection.fd(), connection.serial()};
    if (!between_events_.is_none()) {
        between_events_.begin(Clock::now(), ticket);
    } else if (!std::exchange(connection.in_rounds, true)) {
        streams_.push_back(ticket);
    }
}

void Server::send_event(Connection& connection) {
    connection.send(answers_.event(connection.next_event));
    if (++connection.next_event == answers_.events()) finish(connection);
}

void Server::finish(Connection& connection) {
    connection.asked = false;
    --in_flight_;
    if (connection.state != Connection::State::broken) {
        connection.state = connection.after == After::closes ? Connection::State::closing
                                                             : Connection::State::reading;
    }
}

void Server::settle(Connection& connection) {
    using State = Connection::State;
    const bool over = connection.state == State::broken ||
                      (connection.state == State::closing && connection.all_sent());
    if (!over) return;
    if (connection.asked) --in_flight_;
    --open_;
    connections_[static_cast<std::size_t>(connection.fd())].reset();
}

void Server::end_waits() {
    if (next_moment() == TimePoint::max()) return;
    const auto now = Clock::now();
    for (auto* line : {&latency_, &first_}) {
        while (line->next() <= now) {
            auto* connection = find(line->pop());
            if (!connection) continue;
            answer(*connection);
            serve(*connection);
            settle(*connection);
        }
    }
    while (between_events_.next() <= now) {
        const auto ticket = between_events_.pop();
        auto* connection = find(ticket);
        if (!connection) continue;
        send_event(*connection);
        if (connection->state == Connection::State::streaming) between_events_.begin(now, ticket);
        serve(*connection);
        settle(*connection);
    }
}

void Server::go_round() {
    std::swap(streams_, round_);
    for (const auto ticket : round_) {
        auto* connection = find(ticket);
        if (!connection) continue;
        connection->in_rounds = false;
        // One whose reader is behind comes back when its socket has room.
        if (connection->all_sent()) send_event(*connection);
        if (connection->state == Connection::State::streaming && connection->all_sent()) {
            connection->in_rounds = true;
            streams_.push_back(ticket);
        }
        serve(*connection);
        settle(*connection);
    }
    round_.clear();
}

Connection* Server::find(Ticket ticket) {
    auto* connection = connections_[static_cast<std::size_t>(ticket.fd)].get();
    return connection && connection->serial() == ticket.serial ? connection : nullptr;
}

TimePoint Server::next_moment() const {
    return std::min({latency_.next(), first_.next(), between_events_.next()});
}

}  // namespace skein::bench
