// One HTTP exchange: the request, the callbacks for its answer, and its ending.
#pragma once
#include "model/headers.hpp"
#include "model/read_state.hpp"
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

// Identifies an exchange; never reused.
enum class TransferId : std::uint64_t {};

// Timeouts of one exchange. Zero: no timeout.
struct ExchangeTimeouts {
    Duration connect{};     // Name lookup, TCP and TLS together.
    Duration first_byte{};  // From the start to the first byte of the answer.
    Duration idle{};        // Between two arrivals of bytes.
    Duration attempt{};     // The whole exchange.
};

// Limits of an answer, in bytes.
struct Limits {
    std::size_t headers = 256 * 1024;  // All heads together, interim answers and trailers too.
    std::size_t body = 64 * 1024 * 1024;
};

// The result of an exchange. An answer with a status of 400 or more is not a fault here, even if
// its body was cut, because the status already tells what is wrong.
struct Ending {
    std::optional<FaultKind> fault;
    std::string detail;  // Description of the fault, printable; empty without a fault.
    int status = 0;      // 0: no complete head of an answer.
    TimePoint started = never;
    TimePoint first_byte = never;  // Arrival of the first whole line. `never`: no byte came.
    TimePoint last_byte = never;
    bool sent = false;  // False: no byte was sent for certain, because there was no connection.
    bool reused_connection = false;
};

// The body of a request: text that it owns, or borrowed text that the lender must keep until the
// exchange has ended.
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

// A request and its callbacks, all called on the loop's thread. `on_head` and `on_body` are called
// from inside libcurl and must not call the pool; an exception from them ends the exchange as
// `internal`. `on_end` is called last and exactly once, unless `cancel` returned true. It may call
// the pool, but must not throw.
struct Exchange {
    TargetPtr target;
    Body body;
    bool is_get = false;                   // GET without a body, in place of POST.
    std::vector<std::string> extra_lines;  // Header lines of this request only.
    ExchangeTimeouts patience;
    TimePoint deadline = never;
    Limits limits;
    bool on_new_connection = false;                           // Because a kept one had died.
    std::function<void(int status, const Headers&)> on_head;  // May be empty.
    std::function<ReadState(std::string_view bytes, TimePoint now)> on_body;  // May be empty.
    std::function<void(Ending)> on_end;
    // Deadline for a body that brings bytes but no content (keep-alive comments of a stream).
    // Called when the head is complete, and again before the timeout takes effect. It may only move
    // to a later time. May be empty; must not throw.
    std::function<TimePoint()> content_deadline;
};

}  // namespace skein::wire
