// Reads the answer to one attempt, as its bytes come.
#pragma once
#include "dialect/http/event_stream.hpp"
#include "dialect/http/wall_time.hpp"
#include "dialect/openai/streamed_answer.hpp"
#include "model/headers.hpp"
#include "model/prepared.hpp"
#include "model/rate_news.hpp"

#include <skein/request.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

// May more bytes come?
enum class ReadState : std::uint8_t {
    more,  // Yes.
    // They would change nothing. `finish` may be called at once; a transfer that is given a moment
    // to end by itself leaves a connection that can be used again.
    enough,
    too_much,  // They passed a limit: end the transfer, and call `finish`.
};

// One for each attempt: `head`, then `body` for each piece, then either `finish` or `broken`, once.
// It needs no socket and no clock, and how the bytes were cut does not show in the outcome.
//
// A success is read as what it plainly is, by its first bytes: an event stream, lines of JSON or
// one JSON value, whatever its content type says and whatever was asked for.
//
// The endpoint must outlive it; nothing else that it is given needs to.
class AnswerReader {
public:
    AnswerReader(const Prepared& request, const Endpoint& endpoint, const ReadLimits& limits);
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    // Of several, as with `100 Continue`, the last counts.
    void head(int status, const Headers& headers);
    ReadState body(std::string_view bytes, TimePoint now);

    // The transfer ended as it should, or because we had enough. `wall` is for dates in headers.
    Outcome finish(WallTime wall);

    // The transfer broke, or was ended for a reason that is not in the answer.
    Fault broken(FaultKind kind, std::string detail);

    // Of a stream: the first and the last time that an event brought content; `never` before.
    TimePoint first_chunk() const { return stream_ ? stream_->answer.first_content() : never; }
    TimePoint last_content() const { return stream_ ? stream_->answer.last_content() : never; }

    // Of a stream: every choice has finished. The count of tokens and `[DONE]` may still come, and
    // are not worth waiting long for.
    bool complete() const { return stream_ && stream_->answer.complete(); }

    // What the head said of the server's rate limits. `wall`: as for `finish`.
    RateNews rate_news(WallTime wall) const;

    // The tokens counted so far; for a plain answer known once it is finished.
    std::optional<Usage> usage() const {
        return usage_ || !stream_ ? usage_ : stream_->answer.usage();
    }

private:
    // `unknown`: no byte of it that is not blank has come.
    enum class Form : std::uint8_t { none, unknown, plain, stream, error };
    struct Stream {
        Stream(Ask ask, const Wanted& wanted, const ReadLimits& limits)
            : events{limits}, answer{ask, wanted, limits} {}

        EventStream events;
        StreamedAnswer answer;
    };

    ReadState find_form(std::string_view bytes, TimePoint now);
    ReadState keep_beginning(std::string_view bytes);
    ReadState keep_all(std::string_view bytes);
    ReadState read_events(std::string_view bytes, TimePoint now);
    void keep_headers(const Headers& headers);
    Reading read();
    Reading read_lines();
    Fault with_body(Fault fault) const;
    Outcome outcome_of(Completion&& completion);
    Fault outcome_of(Complaint&& complaint, WallTime wall);

    const Ask ask_;
    const std::string model_;  // The request's own, where the endpoint names none.
    const ReadLimits limits_;
    const Endpoint& endpoint_;
    const Wanted wanted_;
    const bool is_stream_wanted_;
    std::unique_ptr<Stream> stream_;  // If it is one.
    Form form_ = Form::none;
    int status_ = 0;
    Headers headers_;  // Those that matter later.
    bool has_rates_ = false;
    std::string content_type_;  // Where it is neither JSON nor a stream.
    std::string content_encoding_;
    std::string text_;  // The body; of a stream nothing.
    bool too_much_ = false;
    std::optional<Usage> usage_;
};

}  // namespace skein
