// Incremental parser for the HTTP answer to one attempt.
#pragma once
#include "dialect/answer/growth.hpp"
#include "dialect/answer/streamed_answer.hpp"
#include "dialect/http/event_stream.hpp"
#include "dialect/http/json_lines.hpp"
#include "dialect/http/wall_time.hpp"
#include "dialect/seam/dialect.hpp"
#include "model/headers.hpp"
#include "model/prepared.hpp"
#include "model/rate_news.hpp"
#include "model/read_state.hpp"

#include <skein/request.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// Sans-IO parser, one for each attempt. Call `head`, then `body` for each piece, then either
// `finish` or `broken`, once. It needs no socket and no clock, and the outcome does not depend on
// how the bytes were cut into pieces. Not thread-safe.
//
// The first bytes of a successful answer decide its form: an event stream, lines of JSON, or one
// JSON value. The content type and the request have no say.
//
// What an API says in its own way is translated into the common form first (Dialect), so that the
// rules for a complete answer and the limits are the same for all.
//
// The endpoint must outlive the reader; the other arguments need not.
class AnswerReader {
public:
    // With `is_native` the body of a completion is in the API's own form.
    AnswerReader(
        const Prepared& request,
        const Endpoint& endpoint,
        const ReadLimits& limits,
        bool is_native = false
    );
    // It would die.
    AnswerReader(const Prepared&, const Endpoint&&, const ReadLimits&, bool = false) = delete;
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    // Was a stream asked for, by the request or by the API for so long an answer?
    bool expects_stream() const { return is_stream_wanted_; }

    // From now on what the answer grows by is kept for `take_chunks`. Call before `head`.
    void keep_chunks() { growth_ = std::make_unique<Growth>(); }
    // The pieces of a stream since the last call.
    std::vector<Chunk> take_chunks() { return growth_ ? growth_->take() : std::vector<Chunk>{}; }

    // Of several heads, as after `100 Continue`, the last one counts.
    void head(int status, const Headers& headers);
    ReadState body(std::string_view bytes, TimePoint now);

    // The transfer ended regularly, or because the answer was complete. `wall`: wall-clock time,
    // for dates in headers.
    Outcome finish(WallTime wall);

    // The transfer broke, or was aborted for a reason outside the answer.
    Fault broken(FaultKind kind, std::string detail);

    // Stream: time of the first and of the last event with content; `never` before the first.
    TimePoint first_chunk() const { return stream_ ? stream_->answer.first_content() : never; }
    TimePoint last_content() const { return stream_ ? stream_->answer.last_content() : never; }

    // Stream: every choice has finished. The usage and `[DONE]` may still follow; they are not
    // worth a long wait.
    bool complete() const { return stream_ && stream_->answer.complete(); }

    // Rate limits that the head reported. `wall`: as for `finish`.
    RateNews rate_news(WallTime wall) const;

    // The tokens counted so far; for a plain answer known once it is finished.
    std::optional<Usage> usage() const {
        return usage_ || !stream_ ? usage_ : stream_->answer.usage();
    }

private:
    // `unknown`: only white space has come, or too few bytes to tell.
    enum class Form : std::uint8_t { none, unknown, plain, stream, error };
    struct Stream {
        Stream(Operation operation, const Wanted& wanted, const ReadLimits& limits)
            : events{limits}, lines{limits.line}, answer{operation, wanted, limits} {}

        EventStream events;
        JsonLines lines;
        bool is_lines = false;  // Lines of JSON, and not events.
        StreamedAnswer answer;
        std::unique_ptr<StreamTranslator> translator{};  // Null: the events are in the common form.
        std::vector<std::string> chunks{};               // Of one event, translated.
        std::unique_ptr<NativeStream> native{};          // Null: nobody wants the API's own form.
    };

    ReadState find_form(std::string_view bytes, TimePoint now);
    ReadState keep_beginning(std::string_view bytes);
    ReadState keep_all(std::string_view bytes);
    ReadState read_events(std::string_view bytes, TimePoint now);
    void read_last_line();
    void read_event(const Event& event, TimePoint now);
    std::optional<std::string> translated(bool& is_json) const;
    void keep_headers(const Headers& headers);
    std::string_view asked_model() const {
        return endpoint_.model.empty() ? model_ : endpoint_.model;
    }
    ErrorBody error_body() const;
    Reading read();
    Reading read_stream();
    Reading read_lines();
    Answered answered() const { return {operation_, asked_model(), wanted_.choices, &endpoint_}; }
    void make_native(Reading& reading) const;
    Fault with_body(Fault fault) const;
    Outcome outcome_of(Completion&& completion);
    Fault outcome_of(Complaint&& complaint, WallTime wall);

    const Operation operation_;
    const std::string model_;  // Model of the request, if the endpoint names none.
    const ReadLimits limits_;
    const Endpoint& endpoint_;
    const Dialect& dialect_;
    const Wanted wanted_;
    const bool is_stream_wanted_;
    const bool is_native_;
    std::unique_ptr<Growth> growth_;  // Null: nobody wants pieces.
    std::unique_ptr<Stream> stream_;  // Null unless the answer is a stream.
    Form form_ = Form::none;
    int status_ = 0;
    Headers headers_;  // The headers needed later; of an error all.
    bool has_rates_ = false;
    std::string content_type_;  // Empty if it is JSON or an event stream.
    std::string content_encoding_;
    std::string text_;  // The body, unless it is a stream.
    bool too_much_ = false;
    std::optional<Usage> usage_;
};

}  // namespace skein
