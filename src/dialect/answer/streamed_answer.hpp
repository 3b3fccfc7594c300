// Parser for a streamed answer: assembles the chunks into one completion.
#pragma once
#include "dialect/answer/merged.hpp"
#include "dialect/answer/reading.hpp"
#include "dialect/http/event_stream.hpp"
#include "model/operation.hpp"

#include <skein/settings.hpp>
#include <skein/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein {

class Growth;  // dialect/answer/growth.hpp

// One choice so far.
struct StreamedChoice {
    Merged message{};  // All deltas, merged.
    Merged others{};   // The other members: `text`, `logprobs` …
    std::string finish_reason{};
};

// A stream is a complete answer when every received choice has its `finish_reason`, and
//   - all requested choices have come, or
//   - fewer have come, at least one for each prompt, and `[DONE]` or the usage marks the end (then
//     the completion has a note).
// `[DONE]` alone proves nothing if chunks have the member `finish_reason`, because servers send it
// after an abort, too. If no chunk has the member, the text is accepted with a note; the same,
// without a note, if the endpoint is known for reasons that stay null (`Wanted::needs_reason`). An
// error counts whenever it comes, even after all the text.
class StreamedAnswer {
public:
    StreamedAnswer(Operation operation, const Wanted& wanted, const ReadLimits& limits)
        : operation_{operation}, wanted_{wanted}, max_held_{limits.body}, depth_{limits.depth} {}

    void read(const Event& event, TimePoint now);

    // From now on each event is also told as pieces. `growth` must outlive this object.
    void watch(Growth* growth) { growth_ = growth; }

    // Records that a limit was passed or that the stream is invalid. No effect after the end.
    void fail(Reading why) {
        if (!ended()) problem_ = std::move(why);
    }

    // No further event counts: `[DONE]` or a problem has come.
    bool ended() const { return done_ || problem_; }
    // Which limit was passed; null if none was.
    const Complaint* too_large() const;

    // Every choice has finished. The usage and `[DONE]` may still come.
    bool complete() const {
        return choices_.size() >= wanted_.choices && finished_ == choices_.size();
    }

    // Time of the first and of the last event with content; `never` before the first.
    TimePoint first_content() const { return first_content_; }
    TimePoint last_content() const { return last_content_; }
    std::optional<Usage> usage() const { return usage_; }

    // The result at the end of the stream. Call once.
    Reading finish();

    // The received choices as one JSON object. Without any choice: the event that was a problem.
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

    Operation operation_;
    Wanted wanted_;
    std::size_t max_held_;
    std::size_t depth_;
    Growth* growth_ = nullptr;  // Null: nobody wants pieces.
    std::size_t held_ = 0;
    std::size_t content_ = 0;  // Bytes of text from the model, in all choices.
    std::map<std::int64_t, StreamedChoice> choices_;
    std::size_t finished_ = 0;
    bool done_ = false;
    bool has_reasons_ = false;  // A choice had the member `finish_reason`, even if null.
    std::optional<Reading> problem_;
    std::optional<ErrorBody> words_;  // A chunk without choices that may be an error.
    std::string odd_event_;           // The event that was a problem.
    TimePoint first_content_ = never;
    TimePoint last_content_ = never;
    std::optional<Usage> usage_;
    std::string note_;
    Merged chunk_;  // The merged members of all chunks, without `choices`.
};

}  // namespace skein
