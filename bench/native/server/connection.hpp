// One connection: its bytes in and out, and how far its answer is.
#pragma once
#include "answers.hpp"
#include "question.hpp"
#include "tls.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace skein::bench {

class Connection {
public:
    // `reading` also stands for: idle.
    enum class State : unsigned char { reading, waiting, streaming, closing, broken };

    Connection(int fd, std::uint64_t serial, TlsSession session)
        : fd_{fd}, serial_{serial}, session_{std::move(session)} {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int fd() const { return fd_; }
    std::uint64_t serial() const { return serial_; }  // Never used again, unlike `fd`.

    // Takes all that has come, `scratch` being where it lands. False: the other side has gone.
    bool receive(std::span<char> scratch);

    bool has_input() const { return !in_.empty(); }

    // The request that came first, if it is there whole; `take` forgets it.
    Question question() const { return read_question(in_); }
    void take(const Question& question);

    // Sends, and keeps what the socket does not take now.
    void send(std::string_view bytes);
    void flush();
    bool all_sent() const { return out_.empty(); }

    State state = State::reading;
    After after = After::stays;
    bool asked = false;          // A request of it is in flight.
    bool wants_stream = false;   // That request does.
    bool continued = false;      // It was told to go on with its body.
    bool in_rounds = false;      // Its events are sent in the rounds of all streams.
    std::size_t requests = 0;    // Seen here, this one included.
    std::size_t next_event = 0;  // Of its stream.

private:
    // Bytes moved; 0: not now; below 0: never again.
    std::ptrdiff_t read_some(std::span<char> to);
    std::ptrdiff_t write_some(std::string_view bytes);

    const int fd_;
    const std::uint64_t serial_;
    TlsSession session_;
    std::string in_;
    std::string out_;
};

}  // namespace skein::bench
