// One client's connection: reads requests one after the other, and plays the script of each.
#pragma once
#include "mock_server/service.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace skein::mock {

// Keeps itself alive while a handler waits. It always waits for bytes, even while an answer is
// delayed, so that the end of the client is noticed. Bytes that can be written at once are written
// in the same handler, and the ledger is updated before the handler returns: a client that has the
// last byte of an answer finds the request finished in the ledger. Thread of the server only.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Socket = boost::asio::ip::tcp::socket;
    Connection(Socket socket, Service& service, std::uint64_t number);

    void start();

private:
    using Error = boost::system::error_code;
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void await_bytes();
    void on_bytes(Error error);
    void work();
    bool parse();
    void begin_request();
    void refuse(int status);
    void answer();

    void play();
    bool wait(const Step& step);
    bool write(const Step& step);
    void on_turn(Error error);
    void end();
    void finish(bool client_left);
    void close(Ending how);

    Socket socket_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_{};
    Service& service_;
    std::uint64_t number_;
    std::size_t served_ = 0;

    Incoming incoming_{};
    std::optional<std::uint64_t> entry_{};  // In the ledger, of the request in flight.
    std::uint64_t sent_ = 0;                // Of its answer.

    Performance performance_{};
    TimePoint due_{};          // Of the step that is played.
    std::size_t step_ = 0;     // Which one it is,
    std::size_t times_ = 0;    // how many times its bytes were written,
    std::size_t written_ = 0;  // and how many of them this time.
    bool waited_ = false;      // And whether its wait is over.

    bool answering_ = false;
    bool awaiting_ = false;
    bool closed_ = false;
};

}  // namespace skein::mock
