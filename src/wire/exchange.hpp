// One request to make, how its answer is told, and how it ended.
#pragma once
#include "model/headers.hpp"
#include "wire/target.hpp"

#include <skein/fault.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::wire {

// A number that never comes back.
enum class TransferId : std::uint64_t {};

// What the reader of a body wants next.
enum class ReadState : std::uint8_t {
    more,
    enough,    // The answer is complete, whatever still comes.
    too_much,  // It is larger than the reader is willing to hold.
};

// Each bounds one step. Zero: no such bound.
struct ExchangeTimeouts {
    Duration connect{};     // Name, address and TLS together.
    Duration first_byte{};  // From the start to the first byte of the answer.
    Duration idle{};        // Between two arrivals of bytes.
    Duration attempt{};     // All of it.
};

// How much of an answer we take, in bytes.
struct Limits {
    std::size_t headers = 256 * 1024;  // All heads together, interim answers and trailers too.
    std::size_t body = 64 * 1024 * 1024;
};

// How an exchange ended. An answer whose status is 400 or more is an ending without a fault, even
// if its body was cut: the status is the news.
struct Ending {
    std::optional<FaultKind> fault;
    std::string detail;  // Our words, printable; empty if there is no fault.
    int status = 0;      // 0: no head of an answer came.
    TimePoint started = never;
    TimePoint first_byte = never;  // Seen with the first whole line. `never`: none came.
    TimePoint last_byte = never;
    bool sent = false;  // False: no byte of the request left, by proof: there was no connection.
    bool reused_connection = false;
};

// What is sent: text of its own, or somebody else's who keeps it until the exchange has ended.
class Body {
public:
    Body() = default;
    Body(std::string own) : own_{std::move(own)} {}
    Body(const char* own) : own_{own} {}
    static Body lent(std::string_view text) {
        Body body;
        body.lent_ = text;
        return body;
    }

    std::string_view text() const { return lent_.empty() ? own_ : lent_; }

private:
    std::string own_;
    std::string_view lent_;
};

// `on_head` and `on_body` are called while libcurl is at work and must not call the wire;
// an exception from them ends the exchange as `internal`. `on_end` is called last, exactly once
// unless `cancel` won; it may do anything but throw. All on the loop's thread.
struct Exchange {
    TargetPtr target;
    Body body;
    std::vector<std::string> extra_lines;  // Of the head, for this request only.
    ExchangeTimeouts patience;
    TimePoint deadline = never;
    Limits limits;
    bool on_new_connection = false;                           // A kept one had died.
    std::function<void(int status, const Headers&)> on_head;  // May be empty.
    std::function<ReadState(std::string_view bytes, TimePoint now)> on_body;  // May be empty.
    std::function<void(Ending)> on_end;
    // When the reader loses its patience with a body that brings bytes but no content: asked when
    // the head is complete, and before it is obeyed. It may move, but only to a later time. May be
    // empty, must not throw.
    std::function<TimePoint()> content_deadline;
};

}  // namespace skein::wire
