// One connection of a client: parses its requests and plays the script of each answer.
// Invariant: one request is answered at a time, and each entry in the ledger is finished once.
// Thread of the server only.
#include "mock_server/connection.hpp"

#include "mock_server/problem.hpp"
#include "mock_server/route.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/field.hpp>

namespace skein::mock {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t max_ahead = 1 << 20;  // What a client may send while it is answered.
constexpr std::size_t small_read = 8192;
constexpr std::size_t large_read = 65536;
constexpr std::uint64_t body_limit = 256ull << 20;
constexpr std::uint32_t head_limit = 65536;

}  // namespace

Connection::Connection(Socket socket, Service& service, std::uint64_t number)
    : socket_{std::move(socket)},
      timer_{socket_.get_executor()},
      service_{service},
      number_{number} {}

void Connection::start() {
    Error error;
    socket_.non_blocking(true, error);
    socket_.set_option(asio::ip::tcp::no_delay{true}, error);
    await_bytes();
}

// Waits until the socket is readable, without a buffer, so that idle connections need little
// memory. A client that has sent a megabyte ahead is not read further until its answer is sent.
void Connection::await_bytes() {
    if (awaiting_ || closed_ || buffer_.size() > max_ahead) return;
    awaiting_ = true;
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](Error error) {
        self->on_bytes(error);
    });
}

// The client has closed, or bytes have come. The end of a client during an answer is noticed here,
// because reading goes on while an answer is delayed.
void Connection::on_bytes(Error error) {
    awaiting_ = false;
    if (closed_) return;
    const bool in_body = !answering_ && entry_;
    if (!error) {
        const auto room = buffer_.prepare(in_body ? large_read : small_read);
        buffer_.commit(socket_.read_some(room, error));
    }
    if (error && error != asio::error::would_block) {
        finish(true);
        return close(Ending::close);
    }
    work();
}

// Serves the requests that have come, until a part of one is missing or an answer must wait.
void Connection::work() {
    while (!closed_ && !answering_ && parse()) {
        answer();
        play();
    }
    await_bytes();
}

// Parses the bytes so far. True if a whole request has come.
bool Connection::parse() {
    if (!parser_) {
        parser_.emplace();
        parser_->body_limit(body_limit);
        parser_->header_limit(head_limit);
    }
    while (!parser_->is_done()) {
        if (buffer_.size() == 0) return false;
        Error error;
        buffer_.consume(parser_->put(buffer_.data(), error));
        if (error == http::error::need_more) return false;
        if (error) {
            refuse(error == http::error::body_limit ? 413 : 400);
            return false;
        }
        if (parser_->is_header_done() && !entry_ && incoming_.path.empty()) begin_request();
    }
    return true;
}

// The head has come: the request counts in the ledger from here on, before its body.
void Connection::begin_request() {
    incoming_ = incoming_of(parser_->get(), served_);
    incoming_.keep_alive = parser_->keep_alive();
    if (!is_about_the_server(incoming_.path)) {
        entry_ = service_.book().begin({
            .arrived = service_.since_start(Clock::now()),
            .connection = number_,
            .index = served_,
            .request = incoming_.request,
            .attempt = incoming_.attempt,
            .path = incoming_.path,
            .api = route_of(incoming_).api,
        });
    }
    if (boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
        Error error;  // If it does not fit in, the client goes on by itself after a while.
        socket_.write_some(asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), error);
    }
}

// Answers bytes that are no HTTP, or a request that is too large, and closes the connection. What
// has been parsed of the head may tell the API.
void Connection::refuse(int status) {
    const auto api = route_of(incoming_of(parser_->get(), served_)).api;
    if (!entry_) {
        entry_ = service_.book().begin({.arrived = service_.since_start(Clock::now()), .api = api});
    }
    const Problem problem{
        .status = status, .message = "this is no request", .type = "invalid_request_error"};
    performance_ = {
        .script = script_of(problem_reply(api, problem), true), .answered = std::to_string(status)};
    answering_ = true;
    due_ = Clock::now();
    play();
}

// The whole answer is decided now: the script holds every byte and every wait.
void Connection::answer() {
    const auto now = Clock::now();
    incoming_.wall = std::chrono::system_clock::now();
    incoming_.body = std::move(parser_->get().body());
    performance_ = service_.perform(incoming_, now);
    if (entry_) {
        const auto& done = performance_;
        service_.book().read(*entry_, incoming_.body.size(), done.prompt_hash, done.store);
    }
    incoming_ = {};
    answering_ = true;
    due_ = now;
}

// Plays the script until a step must wait, or to its end.
void Connection::play() {
    const auto& steps = performance_.script.steps;
    while (step_ < steps.size()) {
        if (!wait(steps[step_]) || !write(steps[step_])) return;
        ++step_;
        times_ = 0;
        waited_ = false;
    }
    end();
}

// True if the step is due. The waits add up from the start of the answer, so that a late timer does
// not delay the later steps.
bool Connection::wait(const Step& step) {
    if (waited_ || step.wait <= Duration{}) return true;
    waited_ = true;
    due_ += step.wait;
    timer_.expires_at(due_);
    timer_.async_wait([self = shared_from_this()](Error error) { self->on_turn(error); });
    return false;
}

// True if all bytes of the step are written. If the socket is full, `on_turn` goes on.
bool Connection::write(const Step& step) {
    while (times_ < step.times) {
        Error error;
        const auto rest = asio::buffer(step.bytes) + written_;
        const auto size = rest.size() == 0 ? 0 : socket_.write_some(rest, error);
        written_ += size;
        sent_ += size;
        if (error == asio::error::would_block) {
            socket_.async_wait(Socket::wait_write, [self = shared_from_this()](Error failure) {
                self->on_turn(failure);
            });
            return false;
        }
        if (error) {
            finish(true);
            close(Ending::close);
            return false;
        }
        if (written_ < step.bytes.size()) continue;
        written_ = 0;
        ++times_;
    }
    return true;
}

void Connection::on_turn(Error error) {
    if (closed_ || error) return;
    play();
    work();
}

void Connection::end() {
    const auto how = performance_.script.ending;
    if (how == Ending::stall) return;  // Until the client is seen to leave.
    finish(false);
    if (how != Ending::keep) return close(how);
    ++served_;
    answering_ = false;
    parser_.reset();
    step_ = 0;
}

// Enters the end of the request into the ledger. A fault keeps its name even if the client left,
// because leaving is what most faults lead to.
void Connection::finish(bool client_left) {
    if (entry_) {
        const bool whole = !client_left;
        service_.book().finish(
            *entry_,
            {
                .at = service_.since_start(Clock::now()),
                .answered = whole || performance_.faulty ? performance_.answered : "client_left",
                .bytes_sent = sent_,
                .client_left = client_left,
                .prompt_tokens = whole ? performance_.prompt_tokens : 0,
                .completion_tokens = whole ? performance_.completion_tokens : 0,
            }
        );
    }
    entry_.reset();
    sent_ = 0;
    performance_ = {};
}

// A reset is sent by the kernel if the socket is closed with a linger time of zero.
void Connection::close(Ending how) {
    closed_ = true;
    Error error;
    if (how == Ending::reset) {
        socket_.set_option(asio::socket_base::linger{true, 0}, error);
    } else {
        socket_.shutdown(Socket::shutdown_both, error);
    }
    socket_.close(error);
    timer_.cancel();
}

}  // namespace skein::mock
