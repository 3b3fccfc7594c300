// Translates one attempt into an HTTP exchange, and its ending into an attempt result. Invariant: a
// complete answer is a success, even if the connection broke after it. Loop thread only.
#include "backend/flight.hpp"

#include "backend/reaching_hint.hpp"
#include "dialect/dialects.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace skein {
namespace {

// Default of `timeouts.first_byte` for a stream. Ten minutes, because a long prompt or a queue may
// be silent for so long (decisions.md, "Defaults wait ten minutes"). A plain answer has no such
// bound: its first byte comes when it is complete.
constexpr Duration first_byte_of_a_stream = std::chrono::minutes{10};

// Headers with the request's number and the attempt's number, for a mock server or a local worker
// on this machine. The attempt's number is left out for a first attempt, because each byte of a
// head costs time in libcurl. Other servers do not get them, because they might log them.
std::vector<std::string> extra_lines(const Attempt& attempt, const wire::Target& target) {
    std::vector<std::string> lines;
    if (!target.is_near) return lines;
    lines.reserve(2);
    lines.push_back("x-skein-request: " + std::to_string(attempt.seq));
    if (attempt.number > 1) lines.push_back("x-attempt: " + std::to_string(attempt.number));
    return lines;
}

}  // namespace

Flight::Flight(
    Attempt attempt,
    Keyed keyed,
    const Settings& settings,
    local::EndpointActivity* activity,
    const Expectation* expectation
)
    : attempt_{std::move(attempt)},
      keyed_{std::move(keyed)},
      settings_{settings},
      reader_{*attempt_.request, *keyed_.endpoint, settings.read, settings.native_body},
      activity_{activity},
      expectation_{expectation} {
    if (attempt_.chunks) reader_.keep_chunks();
}

Flight::~Flight() {
    if (attempt_.chunks) attempt_.chunks->forget_producer();
}

// The body is lent if the prepared one fits this endpoint, which avoids a copy of the prompt for
// each attempt in flight. It is made anew for another model or API, or where added members must be
// left out; a retry makes it again.
wire::Exchange Flight::exchange(wire::TargetPtr target, std::function<void(wire::Ending)> on_end) {
    started_ = Clock::now();
    wire::Exchange exchange;
    const auto& request = *attempt_.request;
    const auto& endpoint = *keyed_.endpoint;
    auto body = own_body(endpoint, request, attempt_.without);
    exchange.body = body ? wire::Body{std::move(*body)} : wire::Body::lent(request.body);
    exchange.extra_lines = extra_lines(attempt_, *target);
    target_ = target;
    exchange.target = std::move(target);
    exchange.patience = patience();
    exchange.on_new_connection = attempt_.on_new_connection;
    exchange.limits = {.headers = settings_.read.headers, .body = settings_.read.body};
    exchange.on_head = [this](int status, const Headers& headers) {
        reader_.head(status, headers);
    };
    exchange.on_body = [this](std::string_view bytes, TimePoint now) {
        if (activity_) activity_->arrived();
        return attempt_.chunks ? read(bytes, now) : reader_.body(bytes, now);
    };
    exchange.on_end = std::move(on_end);
    if (reader_.expects_stream() && settings_.timeouts.content > Duration::zero()) {
        exchange.content_deadline = [this] { return content_deadline(); };
    }
    return exchange;
}

// A full pipe refuses the bytes before they are read, so that nothing has to be kept of them here.
ReadState Flight::read(std::string_view bytes, TimePoint now) {
    if (attempt_.chunks->must_wait()) {
        is_held_ = true;
        return ReadState::later;
    }
    if (std::exchange(is_held_, false)) went_on_ = now;
    const auto state = reader_.body(bytes, now);
    hand_on(reader_.take_chunks());
    return state;
}

void Flight::hand_on(std::vector<Chunk> chunks) {
    if (attempt_.chunks->put(chunks) && on_first_chunk) on_first_chunk();
}

// Called once, with the end of the exchange or by `early_result`. The reader is used up afterwards.
AttemptResult Flight::result(wire::Ending ending) {
    AttemptResult result;
    result.sent = ending.sent;
    result.trail = {ending.started, ending.first_byte, reader_.first_chunk(), ending.last_byte};
    const auto wall = std::chrono::system_clock::now();
    result.news = reader_.rate_news(wall);
    // A stream that was complete before its connection broke is an answer. One that passed a limit
    // is not, because a part of it is missing.
    const bool is_answer =
        !ending.fault || (reader_.complete() && *ending.fault != FaultKind::too_large);
    result.outcome = is_answer ? reader_.finish(wall)
                               : Outcome{reader_.broken(*ending.fault, std::move(ending.detail))};
    if (expectation_) expectation_->check(attempt_.request, *keyed_.endpoint, result);
    if (auto* fault = std::get_if<Fault>(&result.outcome)) say_where(*fault);
    if (attempt_.chunks) {
        hand_on(reader_.take_chunks());  // Of a last line without its end.
        // An answer that was no stream.
        const auto* completion = std::get_if<Completion>(&result.outcome);
        if (completion && !attempt_.chunks->has_begun())
            hand_on(chunks_of(*completion, attempt_.request->operation));
    }
    return result;
}

// Adds what the endpoint's address explains: the URL that was not found, and a proxy that was not
// used.
void Flight::say_where(Fault& fault) const {
    constexpr int method_not_allowed = 405;
    const bool is_wrong_url = fault.kind == FaultKind::not_found ||
                              fault.kind == FaultKind::redirect_refused ||
                              fault.http_status == method_not_allowed;
    if (is_wrong_url && target_) fault.detail += ", asked: " + shown_url(target_->url);
    if (const auto hint = reaching_hint(fault, *keyed_.endpoint); !hint.empty()) {
        fault.detail += "; " + hint;
    }
}

// For an attempt that is told to stop. Without it a stream that waits only for its usage or for
// `[DONE]` would be dropped although it is complete.
std::optional<AttemptResult> Flight::early_result() {
    if (!reader_.complete()) return std::nullopt;
    wire::Ending ending;
    ending.started = started_;
    ending.last_byte = reader_.last_content();
    ending.sent = true;
    return result(std::move(ending));
}

wire::ExchangeTimeouts Flight::patience() const {
    const auto& timeouts = settings_.timeouts;
    const auto first_byte = timeouts.first_byte.value_or(
        reader_.expects_stream() ? first_byte_of_a_stream : Duration::zero()
    );
    return {timeouts.connect, first_byte, timeouts.idle, timeouts.attempt};
}

// Before the first content the time counts from the start of the attempt. A pause of ours is no
// silence.
TimePoint Flight::content_deadline() const {
    const auto last = reader_.last_content();
    return std::max(last == never ? started_ : last, went_on_) + settings_.timeouts.content;
}

}  // namespace skein
