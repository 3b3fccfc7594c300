// One connection that asks question after question: connect, write, read, and again.
#pragma once
#include "../question_body.hpp"
#include "response.hpp"
#include "target.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

namespace skein::bench {

namespace asio = boost::asio;
using Loop = asio::io_context;
using tcp = asio::ip::tcp;
// The executor by its own type: the default one would hide it behind virtual calls.
using Plain = asio::basic_stream_socket<tcp, Loop::executor_type>;
using Secured = asio::ssl::stream<Plain>;
using Addresses = asio::ip::basic_resolver_results<tcp>;

// What all connections have in common, and whom they ask what to do next.
struct Work {
    Target target;
    Addresses addresses{};
    asio::ssl::context tls{asio::ssl::context::tls_client};
    bool stream = false;
    std::function<std::optional<std::size_t>()> next{};  // A request's number, or: no more.
    std::function<void(bool fine, std::size_t bytes)> ended{};
};

template <class Stream>
class Connection {
public:
    Connection(Loop& loop, Work& work, const QuestionBody& body)
        : loop_{loop}, work_{work}, body_{body}, response_{!work.stream} {}

    void go_on() {
        const auto number = work_.next();
        if (!number) return;
        body_.number(*number);
        response_.begin();
        if (open_) return write();
        connect();
    }

private:
    static constexpr bool secured = std::is_same_v<Stream, Secured>;

    Plain& socket() {
        if constexpr (secured)
            return stream_->next_layer();
        else
            return *stream_;
    }

    void connect() {
        if constexpr (secured) {
            stream_.emplace(Plain{loop_}, work_.tls);
            stream_->set_verify_callback(asio::ssl::host_name_verification{work_.target.host});
        } else {
            stream_.emplace(loop_);
        }
        asio::async_connect(socket(), work_.addresses, [this](auto error, const auto&) {
            if (error) return end(false);
            socket().set_option(tcp::no_delay{true});
            open_ = true;
            if constexpr (secured) {
                stream_->async_handshake(Stream::client, [this](auto refused) {
                    if (refused) return end(false);
                    write();
                });
            } else {
                write();
            }
        });
    }

    void write() {
        const std::array<asio::const_buffer, 2> parts{
            asio::buffer(work_.target.head), asio::buffer(body_.text())};
        asio::async_write(*stream_, parts, [this](auto error, std::size_t) {
            if (error) return end(false);
            read();
        });
    }

    void read() {
        stream_->async_read_some(asio::buffer(buffer_), [this](auto error, std::size_t bytes) {
            if (error || !response_.take({buffer_.data(), bytes})) return end(false);
            if (!response_.complete()) return read();
            end(true);
        });
    }

    void end(bool fine) {
        if (!fine || !response_.stays_open()) open_ = false;
        work_.ended(fine && response_.ok(), response_.body_bytes());
        go_on();
    }

    Loop& loop_;
    Work& work_;
    QuestionBody body_;
    Response response_;
    std::optional<Stream> stream_{};
    bool open_ = false;
    std::array<char, 16 * 1024> buffer_;
};

}  // namespace skein::bench
