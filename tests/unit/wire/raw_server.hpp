// A server that does on every connection what a script says, byte by byte, and counts what it
// read. A thread for each connection, so that a script is told in the order in which it happens.
#pragma once
#include <arpa/inet.h>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace skein::test {

inline std::string answer(std::string_view body, std::string_view extra = "") {
    return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" +
           std::string{extra} + "\r\n" + std::string{body};
}

// The requests that a server has read on all its connections.
class Record {
public:
    void add(std::string request) {
        const std::lock_guard lock{mutex_};
        last_ = std::move(request);
        ++count_;
    }
    int count() const { return count_; }
    std::string last() const {
        const std::lock_guard lock{mutex_};
        return last_;
    }

private:
    mutable std::mutex mutex_;
    std::atomic<int> count_ = 0;
    std::string last_;
};

// One accepted connection. Nothing here fails loudly: the peer may go at any time.
class Line {
public:
    Line(int fd, int number, Record& record) : number{number}, fd_{fd}, record_{record} {}

    const int number;  // 1 for the first connection of the server.

    // Reads one whole request and counts it. False: the peer has gone.
    bool read_request() {
        while (true) {
            const auto length = request_length();
            if (length != 0 && kept_.size() >= length) {
                record_.add(kept_.substr(0, length));
                kept_.erase(0, length);
                return true;
            }
            if (!read_some()) return false;
        }
    }

    // Waits until the peer has begun to send, and reads nothing. False: it has gone.
    bool coming() {
        pollfd watch{fd_, POLLIN, 0};
        char first = 0;
        return ::poll(&watch, 1, -1) > 0 && ::recv(fd_, &first, 1, MSG_PEEK) > 0;
    }

    // Reads as much as that of the next request, and more if it comes along. False: the peer has
    // gone.
    bool read_part(std::size_t count) {
        while (kept_.size() < count) {
            if (!read_some()) return false;
        }
        return true;
    }

    bool write(std::string_view text) {
        while (!text.empty()) {
            const auto count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    // Waits until the peer has gone, for that long at most. True: it has.
    bool gone(int milliseconds = -1) {
        pollfd watch{fd_, POLLIN, 0};
        while (::poll(&watch, 1, milliseconds) > 0) {
            if (!read_some()) return true;
        }
        return false;
    }

    bool read_some() {
        char bytes[16 * 1024];
        const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
        if (count <= 0) return false;
        kept_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    // At the end of the script the peer gets a reset instead of an end.
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }

    void half_close() { ::shutdown(fd_, SHUT_WR); }

private:
    // 0: not known yet.
    std::size_t request_length() const {
        const auto end = kept_.find("\r\n\r\n");
        if (end == std::string::npos) return 0;
        std::size_t body = 0;
        const std::string_view name = "\r\nContent-Length: ";
        const auto at = kept_.find(name);
        if (at < end) {
            std::from_chars(kept_.data() + at + name.size(), kept_.data() + end, body);
        }
        return end + 4 + body;
    }

    int fd_;
    Record& record_;
    std::string kept_;
};

class RawServer {
public:
    using Script = std::function<void(Line&)>;

    // On ::1, whatever else there is.
    RawServer(Script script, const in6_addr& address)
        : script_{std::move(script)}, fd_{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in6 name{};
        name.sin6_family = AF_INET6;
        name.sin6_addr = address;
        listen_at(name);
        port_ = ntohs(name.sin6_port);
    }

    explicit RawServer(Script script, std::uint32_t address = INADDR_LOOPBACK, int port = 0)
        : script_{std::move(script)}, fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const int yes = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(address);
        name.sin_port = htons(static_cast<std::uint16_t>(port));
        listen_at(name);
        port_ = ntohs(name.sin_port);
    }

    ~RawServer() {
        ::shutdown(fd_, SHUT_RDWR);
        acceptor_.join();
        ::close(fd_);
        {
            const std::lock_guard lock{mutex_};
            for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
        }
        for (auto& thread : threads_) thread.join();
    }

    int port() const { return port_; }
    std::string url(std::string_view host = "127.0.0.1") const {
        return "http://" + std::string{host} + ":" + std::to_string(port_) + "/v1/x";
    }
    int requests() const { return record_.count(); }
    std::string last_request() const { return record_.last(); }  // Head and body.
    int connections() const { return connections_; }

    // A port without a listener.
    static int closed_port() {
        return RawServer{[](Line&) {}}.port();
    }

private:
    template <class Name>
    void listen_at(Name& name) {
        auto* const raw = reinterpret_cast<sockaddr*>(&name);
        socklen_t size = sizeof name;
        if (::bind(fd_, raw, size) != 0 || ::listen(fd_, 1024) != 0) std::abort();
        ::getsockname(fd_, raw, &size);
        acceptor_ = std::thread{[this] { accept_all(); }};
    }

    void accept_all() {
        while (true) {
            const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            const std::lock_guard lock{mutex_};
            open_.push_back(fd);
            threads_.emplace_back([this, fd, number = ++connections_] {
                Line line{fd, number, record_};
                script_(line);
                const std::lock_guard inner{mutex_};
                open_.remove(fd);
                ::close(fd);
            });
        }
    }

    Script script_;
    int fd_;
    int port_ = 0;
    Record record_;
    std::atomic<int> connections_ = 0;
    std::mutex mutex_;
    std::list<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

// A port that never answers: its backlog is full, and the kernel drops what would be the next
// hand-shake. Of any number, if none is given.
class SilentPort {
public:
    explicit SilentPort(int family, int port = 0)
        : fd_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_storage name{};
        name.ss_family = static_cast<sa_family_t>(family);
        auto* const raw = reinterpret_cast<sockaddr*>(&name);
        if (family == AF_INET6) {
            auto& v6 = reinterpret_cast<sockaddr_in6&>(name);
            v6.sin6_addr = in6addr_loopback;
            v6.sin6_port = htons(static_cast<std::uint16_t>(port));
        } else {
            auto& v4 = reinterpret_cast<sockaddr_in&>(name);
            v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            v4.sin_port = htons(static_cast<std::uint16_t>(port));
        }
        socklen_t size = sizeof name;
        const int yes = 1;
        ::setsockopt(fd_, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        open_ = ::bind(fd_, raw, size) == 0 && ::listen(fd_, 0) == 0;
        if (!open_) return;
        ::getsockname(fd_, raw, &size);
        port_ = ntohs(
            family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(name).sin6_port
                               : reinterpret_cast<sockaddr_in&>(name).sin_port
        );
        for (int i = 0; i < 4; ++i) {
            fillers_.push_back(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            ::connect(fillers_.back(), raw, size);
        }
    }
    ~SilentPort() {
        for (const int filler : fillers_) ::close(filler);
        ::close(fd_);
    }
    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;

    bool is_open() const { return open_; }
    int port() const { return port_; }

private:
    int fd_;
    int port_ = 0;
    bool open_ = false;
    std::vector<int> fillers_;
};

// Answers every request of the connection alike.
inline RawServer::Script always(std::string text) {
    return [text = std::move(text)](Line& line) {
        while (line.read_request() && line.write(text)) {
        }
    };
}

// Answers one request, then hangs up.
inline RawServer::Script once(std::string text) {
    return [text = std::move(text)](Line& line) {
        if (line.read_request()) line.write(text);
    };
}

// Reads the request, writes this much, and then nothing more.
inline RawServer::Script stall_after(std::string text) {
    return [text = std::move(text)](Line& line) {
        if (line.read_request() && line.write(text)) line.gone();
    };
}

}  // namespace skein::test
