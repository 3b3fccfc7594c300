#include "client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace skein::mock::test {

Client::Client(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        leave();
        throw std::runtime_error{"cannot connect"};
    }
}

Client::~Client() { leave(); }

Client::Client(Client&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)},
      unread_{std::move(other.unread_)},
      reset_{other.reset_} {}

void Client::leave() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error{"cannot send"};
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// False at the end of the connection.
bool Client::fill() {
    char bytes[65536];
    const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
    if (size < 0 && errno == ECONNRESET) {
        reset_ = true;
        return false;
    }
    if (size < 0) throw std::runtime_error{"nothing came"};
    unread_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
}

std::string Client::read_some() {
    if (unread_.empty()) fill();
    return std::exchange(unread_, {});
}

std::string Client::read_until(std::string_view end) {
    std::size_t at;
    while ((at = unread_.find(end)) == std::string::npos) {
        if (!fill()) return std::exchange(unread_, {});
    }
    return take(at + end.size());
}

std::string Client::read_all() {
    while (fill()) continue;
    return std::exchange(unread_, {});
}

std::string Client::take(std::size_t size) {
    while (unread_.size() < size && fill()) continue;
    const auto text = unread_.substr(0, size);
    unread_.erase(0, text.size());
    return text;
}

Response Client::read() {
    Response response;
    response.head = read_until("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::stoi(response.head.substr(9, 3));
    for (auto at = response.head.find("\r\n") + 2; at + 2 < response.head.size();) {
        const auto end = response.head.find("\r\n", at);
        const auto line = response.head.substr(at, end - at);
        auto name = line.substr(0, line.find(": "));
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        response.headers[name] = line.substr(std::min(line.size(), name.size() + 2));
        at = end + 2;
    }
    read_body(response);
    return response;
}

void Client::read_body(Response& response) {
    if (const auto length = response.headers.find("content-length");
        length != response.headers.end()) {
        const auto size = std::stoull(length->second);
        response.body = take(size);
        response.whole = response.body.size() == size;
        return;
    }
    while (true) {
        const auto line = read_until("\r\n");
        if (!line.ends_with("\r\n")) return;
        const auto size = std::stoull(line, nullptr, 16);
        const auto chunk = take(size + 2);
        response.body += chunk.substr(0, std::min<std::size_t>(size, chunk.size()));
        response.whole = size == 0 && chunk.size() == 2;
        if (chunk.size() < size + 2 || size == 0) return;
    }
}

Response Client::ask(std::string_view request) {
    send(request);
    return read();
}

std::string post(std::string_view path, std::string_view body, std::string_view headers) {
    std::string text = "POST ";
    (text += path) += " HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";
    text += headers;
    text += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
    return text += body;
}

std::string get(std::string_view path, std::string_view headers) {
    std::string text = "GET ";
    (text += path) += " HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    (text += headers) += "\r\n";
    return text;
}

namespace {

std::string body_of(std::string_view prompt, std::string_view more) {
    std::string body = R"({"model":"m","messages":[{"role":"user","content":")";
    (body += prompt) += R"("}])";
    (body += more) += '}';
    return body;
}

}  // namespace

std::string chat(std::string_view prompt, std::string_view headers) {
    return post("/v1/chat/completions", body_of(prompt, ""), headers);
}

std::string chat_stream(std::string_view prompt, std::string_view headers) {
    return post("/v1/chat/completions", body_of(prompt, R"(,"stream":true)"), headers);
}

}  // namespace skein::mock::test
