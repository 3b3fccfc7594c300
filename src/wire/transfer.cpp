// One exchange on one easy handle: its timeouts, the reading of its answer, and its ending.
// Invariant: an exchange is ended once (`finish`, `end` or `expire` sets Phase::ended), and
// `release` hands out its `on_end` once. libcurl's callbacks call the reader, never the pool. Loop
// thread only.
#include "wire/transfer.hpp"

#include "base/assert.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

namespace skein::wire {
namespace {

// Longest wait for the regular end of an answer that its reader has completely, because only then
// the connection can be kept for the next request.
constexpr Duration max_goodbye = std::chrono::seconds{1};
// Longest wait for a name. The lookup itself cannot be ended: its thread goes on, and a late answer
// still gets into the cache.
constexpr Duration max_name = std::chrono::seconds{5};

// Zero: no bound.
TimePoint after(TimePoint start, Duration bound) {
    if (start == never || bound <= Duration::zero() || bound > never - start) return never;
    return start + bound;
}

// Did the connection break in the middle of an answer?
bool is_cut(CURLcode code) {
    return code == CURLE_PARTIAL_FILE || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

}  // namespace

Transfer::Transfer(Place place, SocketSet& sockets, Round& round)
    : place_{place}, sockets_{sockets}, round_{round} {}

// Resets everything that belongs to one exchange. The easy handle and its settings are kept.
void Transfer::begin(TransferId id, Exchange exchange, TimePoint now) {
    SKEIN_ASSERT(phase_ == Phase::free && exchange.target && exchange.on_end);
    id_ = id;
    exchange_ = std::move(exchange);
    ending_ = {};
    ending_.started = now;
    head_.begin(exchange_.limits.headers);
    body_bytes_ = 0;
    paused_ = false;
    resending_ = false;
    enough_at_ = never;
    objection_.reset();
    words_[0] = '\0';
    phase_ = Phase::running;
    set_timer();
}

void Transfer::await_name(Resolver::Ticket ticket) {
    ticket_ = ticket;
    phase_ = Phase::resolving;
    set_timer();
}

// The order is the order of evidence: a refused resend, then a complete answer, then our own reason
// to abort, and only then libcurl's code, because libcurl reports each of the others as a failure.
void Transfer::finish(CURLcode code) {
    clean_ = code == CURLE_OK;
    if (resending_) {
        end(FaultKind::keepalive_race,
            "a kept connection had died; the request was not sent again");
    } else if (enough_at_ != never) {
        phase_ = Phase::ended;  // The reader has a complete answer: a later error does not matter.
    } else if (objection_) {
        end(objection_->kind, std::move(objection_->words));
    } else if (code == CURLE_OK && !head_.complete()) {
        end(FaultKind::connection_lost, "the connection ended within the headers");
    } else if (code == CURLE_OK || (head_.status() >= 400 && is_cut(code))) {
        phase_ = Phase::ended;
    } else if (is_queue_full(code)) {
        end(FaultKind::throttled, "its unix socket takes no more connections at once");
    } else {
        const Progress progress{
            .sent = ending_.sent,
            .reused = ending_.reused_connection,
            .received = ending_.first_byte != never,
            .answering = head_.complete(),
        };
        end(*fault_of_curl(code, progress),
            words_of_curl(code, words_.data(), exchange_.target->tls));
    }
}

// Is the listen queue of the unix socket full? Then the server lives. The kernel refuses at once,
// where TCP would let the connection wait.
bool Transfer::is_queue_full(CURLcode code) const {
    if (code != CURLE_COULDNT_CONNECT || exchange_.target->socket.empty()) return false;
    long error = 0;
    curl_easy_getinfo(easy(), CURLINFO_OS_ERRNO, &error);
    // EAGAIN: libcurl treats the socket as connecting, and later finds no error, or ENOTCONN.
    // Without a listener there is a real error (ECONNREFUSED).
    return error == 0 || error == EAGAIN || error == ENOTCONN;
}

void Transfer::end(FaultKind kind, std::string detail) {
    ending_.fault = kind;
    ending_.detail = json::printable(detail);
    phase_ = Phase::ended;
}

// The timer fires at a lower bound. If the deadline has moved since, the timer is only set again.
bool Transfer::expire(TimePoint now) {
    const auto [at, kind, words] = due();
    if (at > now) {
        set_timer();
        return false;
    }
    if (enough_at_ != never) {
        phase_ = Phase::ended;
    } else {
        end(kind, words);
    }
    return true;
}

// The earliest deadline in the present phase, with its fault.
Transfer::Due Transfer::due() const {
    if (phase_ == Phase::ended) return {};
    if (enough_at_ != never) return {enough_at_ + max_goodbye};
    const auto& patience = exchange_.patience;
    const auto started = ending_.started;
    Due due{exchange_.deadline, FaultKind::deadline, "the deadline passed"};
    const auto bound = [&due](TimePoint at, FaultKind kind, const char* words) {
        if (at < due.at) due = {at, kind, words};
    };
    bound(
        after(started, patience.attempt), FaultKind::timeout_attempt, "the attempt took too long"
    );
    if (phase_ == Phase::resolving) {
        bound(after(started, max_name), FaultKind::timeout_connect, "the name was not resolved");
    }
    if (!ending_.sent) {
        bound(
            after(started, patience.connect), FaultKind::timeout_connect, "not connected in time"
        );
    }
    if (ending_.first_byte == never) {
        bound(
            after(started, patience.first_byte),
            FaultKind::timeout_first_byte,
            "no byte of an answer in time"
        );
        return due;
    }
    // The silence of a pause is ours. It ends with the arrival of the refused bytes.
    if (paused_) return due;
    bound(
        after(ending_.last_byte, patience.idle), FaultKind::timeout_idle, "the answer stood still"
    );
    if (exchange_.content_deadline) {
        bound(
            exchange_.content_deadline(),
            FaultKind::timeout_idle,
            "the answer brought bytes but no content"
        );
    }
    return due;
}

// The exchange is reset before `on_end` runs, so that what it holds (body, target, callbacks) is
// released with it and not with the next exchange of this place.
Transfer::Last Transfer::release() {
    ending_.status = head_.status();
    if (!clean_) forget_handle();
    id_ = {};
    phase_ = Phase::free;
    round_.timers.set(place_, never);
    Last last{std::move(exchange_.on_end), std::move(ending_)};
    exchange_ = {};
    return last;
}

// An exception must not unwind through libcurl's C code. libcurl aborts the transfer if a callback
// does not return the number of bytes it was given.
std::size_t Transfer::guarded(void (Transfer::*read)(std::string_view), std::string_view bytes) {
    try {
        (this->*read)(bytes);
    } catch (const std::exception& error) {
        objection_ = {FaultKind::internal, std::string{"a callback threw: "} + error.what()};
    } catch (...) {
        objection_ = {FaultKind::internal, "a callback threw"};
    }
    return objection_ ? 0 : bytes.size();
}

// The first byte changes the deadline, so the timer is set. Each later arrival can only move the
// deadline later; the timer recomputes it when it fires.
void Transfer::arrived() {
    ending_.last_byte = round_.now;
    if (ending_.first_byte != never) return;
    ending_.first_byte = round_.now;
    set_timer();
}

// Called for each header line, also of interim answers and trailers. `on_head` is called once, for
// the first complete head.
void Transfer::read_head(std::string_view line) {
    arrived();
    const bool was_complete = head_.complete();
    objection_ = head_.read(line);
    if (was_complete || !head_.complete()) return;
    if (exchange_.on_head) exchange_.on_head(head_.status(), head_.headers());
    set_timer();
}

// Bytes after the reader had enough are counted against the limit and dropped.
void Transfer::read_body(std::string_view bytes) {
    arrived();
    body_bytes_ += bytes.size();
    if (body_bytes_ > exchange_.limits.body) {
        const auto max = std::to_string(exchange_.limits.body);
        objection_ = {
            FaultKind::too_large, "the body is larger than " + max + " bytes, which is read.body"};
        return;
    }
    if (!head_.complete()) {
        objection_ = {FaultKind::bad_response, "a body without a head"};
        return;
    }
    if (enough_at_ != never) return;
    const auto state = exchange_.on_body ? exchange_.on_body(bytes, round_.now) : ReadState::more;
    if (state == ReadState::later) {
        body_bytes_ -= bytes.size();  // They will be counted when they come again.
        paused_ = true;
    } else if (state == ReadState::too_much) {
        objection_ = {FaultKind::too_large, "the answer is larger than its reader can hold"};
    } else if (state == ReadState::enough) {
        enough_at_ = round_.now;
        set_timer();
    }
}

}  // namespace skein::wire
