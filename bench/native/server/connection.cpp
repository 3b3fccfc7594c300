#include "connection.hpp"

#include <algorithm>
#include <cerrno>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skein::bench {
namespace {

constexpr std::size_t kept_capacity = 64 * 1024;

bool try_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

std::ptrdiff_t moved(SSL* session, int result, std::size_t bytes) {
    if (result == 1) return static_cast<std::ptrdiff_t>(bytes);
    const int why = SSL_get_error(session, result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

}  // namespace

Connection::~Connection() {
    if (session_ && state != State::broken) {
        ERR_clear_error();
        SSL_shutdown(session_.get());
    }
    ::close(fd_);
}

bool Connection::receive(std::span<char> scratch) {
    while (true) {
        const auto got = read_some(scratch);
        if (got < 0) return false;
        if (got == 0) return true;
        in_.append(scratch.data(), static_cast<std::size_t>(got));
        // A socket that gave less than there was room for is empty. A TLS record may hide another.
        if (!session_ && static_cast<std::size_t>(got) < scratch.size()) return true;
    }
}

void Connection::take(const Question& question) {
    continued = false;
    if (question.bytes < in_.size()) {
        in_.erase(0, question.bytes);
        return;
    }
    in_.clear();
    if (in_.capacity() > kept_capacity) in_.shrink_to_fit();
}

void Connection::send(std::string_view bytes) {
    if (!out_.empty()) {
        out_ += bytes;
        return;
    }
    const auto sent = write_some(bytes);
    if (sent < 0)
        state = State::broken;
    else
        out_ = bytes.substr(static_cast<std::size_t>(sent));
}

void Connection::flush() {
    std::size_t done = 0;
    while (done < out_.size()) {
        const auto sent = write_some(std::string_view{out_}.substr(done));
        if (sent < 0) state = State::broken;
        if (sent <= 0) break;
        done += static_cast<std::size_t>(sent);
    }
    out_.erase(0, done);
}

std::ptrdiff_t Connection::read_some(std::span<char> to) {
    if (session_) {
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_read_ex(session_.get(), to.data(), to.size(), &bytes);
        return moved(session_.get(), result, bytes);
    }
    const auto got = ::recv(fd_, to.data(), to.size(), 0);
    if (got > 0) return got;
    return got < 0 && try_later() ? 0 : -1;
}

std::ptrdiff_t Connection::write_some(std::string_view bytes) {
    if (session_) {
        ERR_clear_error();
        std::size_t sent = 0;
        const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
        return moved(session_.get(), result, sent);
    }
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return try_later() ? 0 : -1;
}

}  // namespace skein::bench
