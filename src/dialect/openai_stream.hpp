// Reads an answer that comes as a stream of chunks, and puts it together.
#pragma once
#include "dialect/openai_paths.hpp"
#include "dialect/reading.hpp"
#include "stream/event_stream.hpp"

#include <skein/settings.hpp>
#include <skein/time.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein {

// One choice as far as it has come.
struct StreamedChoice {
    struct Call {
        std::string id{};
        std::string type{};
        std::string name{};
        std::string arguments{};
    };
    std::string role{};
    std::map<std::string, std::string, std::less<>> texts{};  // `content`, `refusal`, `text` …
    std::map<std::int64_t, Call> tool_calls{};
    std::optional<Call> function_call{};
    std::map<std::string, std::string, std::less<>> logprobs{};  // Lists of JSON, without brackets.
    std::string finish_reason{};
};

// Complete is what the server finished: every choice that was asked for has its `finish_reason`.
// `[DONE]` alone proves nothing, and the end of the bytes still less; an error counts whenever it
// comes, even after all the text.
class StreamedAnswer {
public:
    StreamedAnswer(Ask ask, int choices, const ReadLimits& limits)
        : ask_{ask},
          wanted_{static_cast<std::size_t>(std::max(choices, 1))},
          most_held_{limits.body},
          depth_{limits.depth} {}

    void read(const Event& event, TimePoint now);

    // A limit was passed, or something was not as it must be. After the end that changes nothing.
    void fail(Reading why) {
        if (!ended()) problem_ = std::move(why);
    }

    // Nothing that may still come counts: `[DONE]` was there, or a problem.
    bool ended() const { return done_ || problem_; }
    bool too_large() const;

    // Every choice has finished. The count of tokens and `[DONE]` may still come.
    bool complete() const { return choices_.size() >= wanted_ && finished_ == choices_.size(); }

    // The first and the last time that an event brought content; `never` before.
    TimePoint first_content() const { return first_content_; }
    TimePoint last_content() const { return last_content_; }
    std::optional<Usage> usage() const { return usage_; }

    // The stream is over. Once.
    Reading finish();

private:
    void read_chunk(json::Element chunk, TimePoint now);
    void read_choice(json::Element choice);
    void read_delta(json::Element delta, StreamedChoice& choice);
    void read_tool_calls(json::Element delta, StreamedChoice& choice);
    void read_call(json::Element given, StreamedChoice::Call& call);
    void read_logprobs(json::Element logprobs, StreamedChoice& choice);
    void read_finish_reason(json::Element given, StreamedChoice& choice);
    void keep_first(std::string& kept, std::string_view given);
    void append(std::string& text, std::string_view more);
    void hold(std::size_t bytes);
    std::string body() const;

    Ask ask_;
    std::size_t wanted_;
    std::size_t most_held_;
    std::size_t depth_;
    std::size_t held_ = 0;
    std::size_t content_ = 0;  // Bytes of it, in all.
    std::map<std::int64_t, StreamedChoice> choices_;
    std::size_t finished_ = 0;
    bool done_ = false;
    std::optional<Reading> problem_;
    TimePoint first_content_ = never;
    TimePoint last_content_ = never;
    std::optional<Usage> usage_;
    std::string usage_text_;
    std::string id_;
    std::string model_;
    std::string fingerprint_;
    std::optional<std::int64_t> created_;
};

}  // namespace skein
