// Reads an answer that comes as a stream of chunks, and puts it together.
#pragma once
#include "dialect/http/event_stream.hpp"
#include "dialect/openai/merged.hpp"
#include "dialect/openai/paths.hpp"
#include "dialect/openai/reading.hpp"

#include <skein/settings.hpp>
#include <skein/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein {

// One choice as far as it has come.
struct StreamedChoice {
    Merged message{};  // All deltas.
    Merged others{};   // The members beside the delta: `text`, `logprobs` …
    std::string finish_reason{};
};

// A stream is a whole answer when every choice that came has its `finish_reason`, and
//   - as many choices as were asked for came, or
//   - fewer came, at least one for each prompt, and the server said by `[DONE]` or by the count of
//     tokens that this is all (the completion has a note then).
// `[DONE]` alone proves nothing where chunks have the member `finish_reason`, because servers write
// it after an abort, too. It does where no chunk has the member: such a text is kept, with a note.
// An error counts whenever it comes, even after all the text.
class StreamedAnswer {
public:
    StreamedAnswer(Ask ask, const Wanted& wanted, const ReadLimits& limits)
        : ask_{ask}, wanted_{wanted}, most_held_{limits.body}, depth_{limits.depth} {}

    void read(const Event& event, TimePoint now);

    // A limit was passed, or something was not as it must be. After the end that changes nothing.
    void fail(Reading why) {
        if (!ended()) problem_ = std::move(why);
    }

    // Nothing that may still come counts: `[DONE]` was there, or a problem.
    bool ended() const { return done_ || problem_; }
    bool too_large() const;

    // Every choice has finished. The count of tokens and `[DONE]` may still come.
    bool complete() const {
        return choices_.size() >= wanted_.choices && finished_ == choices_.size();
    }

    // The first and the last time that an event brought content; `never` before.
    TimePoint first_content() const { return first_content_; }
    TimePoint last_content() const { return last_content_; }
    std::optional<Usage> usage() const { return usage_; }

    // The stream is over. Once.
    Reading finish();

    // What has come, as one JSON object; the event that is an error, where no choice has come.
    std::string body() const;

private:
    void read_data(const Event& event, std::string_view data, TimePoint now);
    void read_chunk(json::Element chunk, TimePoint now);
    void read_choices(json::Element choices, TimePoint now);
    void read_choice(json::Element choice);
    void read_member(std::string_view name, json::Element value, StreamedChoice& choice);
    void read_delta(json::Element delta, StreamedChoice& choice);
    void read_finish_reason(json::Element given, StreamedChoice& choice);
    void read_usage(json::Element holder);
    void add(const Grown& grown);
    bool is_done_without_reasons() const;
    Reading unfinished();

    Ask ask_;
    Wanted wanted_;
    std::size_t most_held_;
    std::size_t depth_;
    std::size_t held_ = 0;
    std::size_t content_ = 0;  // Bytes of it, in all.
    std::map<std::int64_t, StreamedChoice> choices_;
    std::size_t finished_ = 0;
    bool done_ = false;
    bool has_reasons_ = false;  // A choice had the member `finish_reason`, if only with null.
    std::optional<Reading> problem_;
    std::optional<ErrorBody> words_;  // A chunk without choices that may be an error.
    std::string odd_event_;           // The event that was a problem.
    TimePoint first_content_ = never;
    TimePoint last_content_ = never;
    std::optional<Usage> usage_;
    std::string note_;
    Merged chunk_;  // The members of all chunks but `choices`.
};

}  // namespace skein
