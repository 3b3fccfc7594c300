// Reads the answer to one attempt. Invariant: the form (stream, plain, error) is decided once, and
// memory is bounded: an error keeps 64 kB, any other form at most `ReadLimits`. All foreign text in
// a fault is redacted first. Used on a wire thread.
#include "dialect/answer_reader.hpp"

#include "base/ascii.hpp"
#include "dialect/answer/plain_answer.hpp"
#include "dialect/answer/refusal.hpp"
#include "dialect/dialects.hpp"
#include "dialect/first_bytes.hpp"
#include "dialect/http/error_answer.hpp"
#include "dialect/http/model_name.hpp"
#include "dialect/http/rate_headers.hpp"
#include "dialect/http/redact.hpp"
#include "json/text.hpp"
#include "model/compat_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

// As much as `error_answer.cpp` reads of an error body. The rest of a long error page is not kept.
constexpr std::size_t max_of_an_error = 64 * 1024;

// Headers kept of a successful status, because its body may hold an error.
constexpr std::array<std::string_view, 6> kept_of_success{
    "x-request-id",
    "request-id",
    "retry-after-ms",
    "retry-after",
    "x-should-retry",
    "date",
};

std::string_view content_type_in(const Headers& headers) {
    const auto value = headers.get("content-type").value_or(std::string_view{});
    return trimmed(value.substr(0, value.find(';')));
}

bool is_success(int status) { return status >= 200 && status <= 299; }

Complaint passed(std::string_view what, std::string_view setting, std::size_t limit) {
    return complaint(
        FaultKind::too_large,
        std::string{what} + " is larger than " + std::to_string(limit) + " bytes, which is " +
            std::string{setting}
    );
}

Wanted wanted_of(const Prepared& request, const Endpoint& endpoint) {
    return {
        .choices = static_cast<std::size_t>(std::max(request.choices, 1)),
        .inputs = static_cast<std::size_t>(std::max(request.inputs, 1)),
        .needs_reason = endpoint.compat.empty() || !is_compat(endpoint, compat::null_finish_reason),
    };
}

// May the server choose another model than the one it was asked for? The name that was asked for
// then has a slash, as in `openrouter/auto`.
bool may_choose(const Endpoint& endpoint, std::string_view asked) {
    return is_compat(endpoint, compat::router) && asked.find('/') != asked.npos;
}

}  // namespace

AnswerReader::AnswerReader(
    const Prepared& request, const Endpoint& endpoint, const ReadLimits& limits, bool is_native
)
    : operation_{request.operation},
      model_{endpoint.model.empty() ? request.model : std::string{}},
      limits_{limits},
      endpoint_{endpoint},
      dialect_{dialect_of(endpoint)},
      wanted_{wanted_of(request, endpoint)},
      is_stream_wanted_{is_streamed(endpoint, request)},
      is_native_{is_native} {}

// The content type is kept for messages only; the first bytes of the body decide the form.
void AnswerReader::head(int status, const Headers& headers) {
    status_ = status;
    content_encoding_ = headers.get("content-encoding").value_or(std::string_view{});
    keep_headers(headers);
    form_ = is_success(status) ? Form::unknown : Form::error;
    const auto type = content_type_in(headers);
    const bool is_usual =
        same_letters(type, "application/json") || same_letters(type, "text/event-stream");
    content_type_ = is_usual ? std::string{} : lowered(type);
}

// Of a successful answer only the headers that are used later are copied, because every attempt in
// flight holds its copy.
void AnswerReader::keep_headers(const Headers& headers) {
    headers_.clear();
    has_rates_ = false;
    const bool keeps_all = !is_success(status_);
    if (keeps_all) headers_ = headers;
    headers.for_each([&](std::string_view name, std::string_view value) {
        if (!is_rate_header(name)) return;
        has_rates_ = true;
        if (!keeps_all) headers_.add(name, value);
    });
    if (keeps_all) return;
    for (const auto name : kept_of_success) {
        if (const auto value = headers.get(name)) headers_.add(name, *value);
    }
}

RateNews AnswerReader::rate_news(WallTime wall) const {
    return has_rates_ ? skein::rate_news(headers_, wall) : RateNews{};
}

ReadState AnswerReader::body(std::string_view bytes, TimePoint now) {
    switch (form_) {
        case Form::plain:
            return keep_all(bytes);
        case Form::stream:
            return read_events(bytes, now);
        case Form::unknown:
            return find_form(bytes, now);
        case Form::none:
        case Form::error:
            break;
    }
    return keep_beginning(bytes);
}

ReadState AnswerReader::find_form(std::string_view bytes, TimePoint now) {
    auto held = std::exchange(text_, {});  // Earlier pieces, which were too short to tell.
    if (!held.empty()) bytes = held += bytes;
    bytes = begun(bytes);
    const auto look = look_at(bytes);
    if (look == Look::too_early) {
        text_ = bytes;
        return ReadState::more;
    }
    // Embeddings have no streamed form here, so such an answer fails as a plain one.
    const bool is_lines = look == Look::plain && is_stream_wanted_ && dialect_.sends_lines &&
                          dialect_.sends_lines(endpoint_);
    if ((look == Look::plain && !is_lines) || operation_ == Operation::embedding) {
        form_ = Form::plain;
        return keep_all(bytes);
    }
    form_ = Form::stream;
    stream_ = std::make_unique<Stream>(operation_, wanted_, limits_);
    stream_->is_lines = is_lines;
    stream_->answer.watch(growth_.get());
    if (dialect_.stream) stream_->translator = dialect_.stream(answered());
    if (is_native_ && dialect_.native_stream) stream_->native = dialect_.native_stream();
    return read_events(bytes, now);
}

// Keeps the first 64 kB of an error. `enough` ends the transfer, so that a server cannot make us
// read an endless error page.
ReadState AnswerReader::keep_beginning(std::string_view bytes) {
    text_ += bytes.substr(0, max_of_an_error - text_.size());
    return text_.size() < max_of_an_error ? ReadState::more : ReadState::enough;
}

// The bytes up to the limit are kept, because the fault shows the beginning of the body.
ReadState AnswerReader::keep_all(std::string_view bytes) {
    const auto room = limits_.body - std::min(text_.size(), limits_.body);
    too_much_ = too_much_ || bytes.size() > room;
    text_ += bytes.substr(0, room);
    return too_much_ ? ReadState::too_much : ReadState::more;
}

ReadState AnswerReader::read_events(std::string_view bytes, TimePoint now) {
    auto& answer = stream_->answer;
    const auto read_line = [&](std::string_view line) {
        read_event({.type = "message", .data = line, .error = {}}, now);
    };
    auto status = EventStream::Status::good;
    if (!stream_->is_lines) {
        status = stream_->events.feed(bytes, [&](const Event& event) { read_event(event, now); });
    } else if (!stream_->lines.feed(bytes, read_line)) {
        status = EventStream::Status::line_too_long;
    }
    if (status == EventStream::Status::line_too_long) {
        answer.fail(passed("a line of the stream", "read.line", limits_.line));
    } else if (status == EventStream::Status::event_too_large) {
        answer.fail(passed("an event of the stream", "read.event", limits_.event));
    }
    // `enough` after `[DONE]` or an error: nothing behind it counts, so the transfer may end.
    if (answer.too_large()) return ReadState::too_much;
    return answer.ended() ? ReadState::enough : ReadState::more;
}

void AnswerReader::read_event(const Event& event, TimePoint now) {
    auto& answer = stream_->answer;
    auto& translator = stream_->translator;
    auto& chunks = stream_->chunks;
    if (stream_->native && !answer.ended()) {
        stream_->native->read(event);
        if (stream_->native->held() > limits_.body) {
            answer.fail(passed("the stream", "read.body", limits_.body));
        }
    }
    // An error that stands beside `data` is the same in every API.
    if (!translator || !event.error.empty()) return answer.read(event, now);
    chunks.clear();
    translator->read(event, chunks);
    for (const auto& chunk : chunks) {
        answer.read({.type = "message", .data = chunk, .error = {}}, now);
    }
}

// A server may leave out the line end behind its last line. Half a line is no JSON, and says
// nothing.
void AnswerReader::read_last_line() {
    const auto line = stream_->lines.rest();
    if (!stream_->is_lines || line.empty()) return;
    std::string storage;
    if (json::parse(json::mended(line, storage), limits_.depth).error()) return;
    read_event({.type = "message", .data = line, .error = {}}, stream_->answer.last_content());
}

// The body in the common form, if the API has another one and this is an answer of it.
std::optional<std::string> AnswerReader::translated(bool& is_json) const {
    if (!dialect_.answer) return std::nullopt;
    std::string storage;
    json::Element root;
    const auto text = json::mended(text_, storage);
    if (json::parse(text, limits_.depth).get(root)) return std::nullopt;
    is_json = true;
    return dialect_.answer(root, answered());
}

// The error in the body, where the API has a shape of its own for it.
ErrorBody AnswerReader::error_body() const {
    std::string storage;
    json::Element root;
    const auto text = std::string_view{text_};
    if (dialect_.error && !json::parse(json::mended(text, storage), limits_.depth).get(root)) {
        if (const auto error = dialect_.error(root, endpoint_)) return read_error_body(*error);
    }
    return read_error_body(text);
}

// The status decides first. Within a successful status the body may still be an error, or no
// answer.
Outcome AnswerReader::finish(WallTime wall) {
    if (form_ == Form::error) {
        return fault_of_answer(status_, headers_, error_body(), wall, endpoint_);
    }
    if (form_ == Form::stream) read_last_line();
    auto reading = form_ == Form::stream ? read_stream() : read();
    auto* answer = std::get_if<Completion>(&reading);
    // Looked for in the common form, before the API's own may take its place.
    if (answer && answer->text.empty()) answer->refused = has_refusal(answer->body);
    if (is_native_) make_native(reading);
    if (auto* completion = std::get_if<Completion>(&reading)) {
        return outcome_of(std::move(*completion));
    }
    if (auto* error = std::get_if<ErrorBody>(&reading)) {
        return with_body(fault_of_answer(status_, headers_, *error, wall, endpoint_));
    }
    return with_body(outcome_of(std::get<Complaint>(std::move(reading)), wall));
}

// Adds the received body to a fault of a successful status, because the answer may have been
// billed.
Fault AnswerReader::with_body(Fault fault) const {
    if (!is_success(status_)) return fault;
    fault.body = kept_body(form_ == Form::stream ? stream_->answer.body() : text_, endpoint_);
    return fault;
}

Reading AnswerReader::read() {
    if (form_ == Form::none) return complaint(FaultKind::bad_response, "there was no answer");
    // A stream that ended before its first event.
    if (form_ == Form::unknown && is_stream_wanted_) {
        return StreamedAnswer{operation_, wanted_, limits_}.finish();
    }
    if (too_much_) {
        return passed("the answer", "read.body", limits_.body);
    }
    bool is_json = false;
    if (auto answer = translated(is_json)) {
        return read_plain_answer(*answer, operation_, limits_.depth, wanted_);
    }
    auto reading = read_plain_answer(text_, operation_, limits_.depth, wanted_);
    auto* wrong = std::get_if<Complaint>(&reading);
    // JSON without what the map of the endpoint looks for.
    if (wrong && is_json && dialect_.missing) {
        *wrong = complaint(FaultKind::bad_response, dialect_.missing(endpoint_), text_);
        return reading;
    }
    // JSON lines fail as one JSON value. Only a text that looks like chunks or like an error is
    // read by lines; for any other text the complaint of the plain reader says more.
    const bool may_be_lines =
        wrong && (text_.find("\"delta\"") != std::string::npos || text_.starts_with("{\"error\""));
    return may_be_lines ? read_lines() : reading;
}

// An event that holds the whole answer is read as a plain answer, once the stream is a whole one.
Reading AnswerReader::read_stream() {
    auto reading = stream_->answer.finish();
    auto whole = stream_->translator ? stream_->translator->whole() : std::nullopt;
    if (!whole || !std::holds_alternative<Completion>(reading)) return reading;
    if (!whole->wrong.empty()) return complaint(FaultKind::bad_response, std::move(whole->wrong));
    return read_plain_answer(whole->body, operation_, limits_.depth, wanted_);
}

// Puts the API's own form in the place of the common one. An answer that came in the common form
// stays: it was the server's own.
void AnswerReader::make_native(Reading& reading) const {
    auto* completion = std::get_if<Completion>(&reading);
    if (!completion) return;
    if (form_ == Form::stream) {
        if (stream_->native) completion->body = stream_->native->body();
    } else if (bool is_json = false; translated(is_json)) {
        std::string storage;
        completion->body = json::one_line(std::string{json::mended(text_, storage)});
    }
}

// Reads JSON lines: chunks of a stream without `data:`, one a line.
Reading AnswerReader::read_lines() {
    StreamedAnswer answer{operation_, wanted_, limits_};
    for (auto rest = std::string_view{text_}; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        answer.read({.type = "message", .data = line, .error = {}}, TimePoint{});
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return answer.finish();
}

Outcome AnswerReader::outcome_of(Completion&& completion) {
    auto id = headers_.get("x-request-id");
    if (!id) id = headers_.get("request-id");
    if (id) completion.request_id = json::valid_utf8(redacted(std::string{*id}, endpoint_));
    completion.note = redacted(std::move(completion.note), endpoint_);
    completion.http_status = status_;
    completion.model_mismatch = dialect_.compares_model &&
                                !is_same_model(asked_model(), completion.model) &&
                                !may_choose(endpoint_, asked_model());
    usage_ = completion.usage;
    return std::move(completion);
}

Fault AnswerReader::outcome_of(Complaint&& complaint, WallTime wall) {
    // Built like any fault of an answer, so that Retry-After of the headers is kept.
    auto fault = fault_of_answer(status_, headers_, ErrorBody{}, wall, endpoint_);
    fault.kind = complaint.kind;
    // skein asks for no content encoding and decodes none. A header alone is harmless, so it is
    // mentioned only after the body could not be read.
    if (complaint.kind == FaultKind::bad_response && !content_encoding_.empty()) {
        complaint.what += ", and it came encoded as " + content_encoding_;
    }
    fault.detail = json::printable(redacted(std::move(complaint.what), endpoint_), 400);
    if (!complaint.quote.empty()) {
        fault.detail += ": \"" + excerpt(complaint.quote, endpoint_) + '"';
    }
    if (complaint.kind == FaultKind::bad_response && !content_type_.empty()) {
        fault.detail +=
            ", and it came as " + json::printable(redacted(content_type_, endpoint_), 80);
    }
    return fault;
}

// The transfer's fault counts, even if an error body had begun: its words are only added. Of a
// limit the reader knows better than the transfer which one it was.
Fault AnswerReader::broken(FaultKind kind, std::string detail) {
    Fault fault;
    fault.kind = kind;
    const auto* limit = stream_ ? stream_->answer.too_large() : nullptr;
    if (kind == FaultKind::too_large && limit) detail = limit->what;
    if (kind == FaultKind::too_large && too_much_)
        detail = passed("the answer", "read.body", limits_.body).what;
    fault.detail = json::printable(redacted(std::move(detail), endpoint_));
    fault.http_status = status_;
    if (form_ == Form::error && !text_.empty()) {
        fault.remote_message = remote_words(error_body().message, endpoint_);
    }
    return with_body(std::move(fault));
}

}  // namespace skein
