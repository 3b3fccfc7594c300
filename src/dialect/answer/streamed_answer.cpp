// Assembles a streamed answer. Every member of a chunk, choice and delta is kept by the rules of
// `Merged`; this file interprets only choices, finish reasons, errors and usage. Invariant: the
// first problem is final, and the memory held is at most `ReadLimits::body`.
#include "dialect/answer/streamed_answer.hpp"

#include "base/ascii.hpp"
#include "dialect/answer/ends.hpp"
#include "dialect/answer/growth.hpp"
#include "dialect/answer/streamed_body.hpp"
#include "dialect/answer/tool_calls.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

using json::Element;

// Memory charged for a choice before it has any text, so that many empty choices count.
constexpr std::size_t bytes_of_a_choice = 256;

constexpr std::size_t max_of_an_event = 64 * 1024;

// Members that are the same in each chunk: the first value counts.
bool is_repeated(std::string_view name) {
    return name == "id" || name == "object" || name == "created" || name == "model";
}

}  // namespace

// Events after the end are ignored, because `[DONE]` or a problem is final.
void StreamedAnswer::read(const Event& event, TimePoint now) {
    if (ended()) return;
    if (!event.error.empty()) {
        odd_event_ = event.error.substr(0, max_of_an_event);
        return fail(read_error_body(event.error));
    }
    const auto data = trimmed(event.data);
    if (event.type == "error") {
        fail(read_error_body(event.data));
    } else if (data == "[DONE]") {
        done_ = true;
    } else if (!data.empty()) {
        read_data(event, data, now);
    }
    if (problem_) odd_event_ = data.substr(0, max_of_an_event);
}

// An event of another type need not be JSON, but an error or a chunk in it counts.
void StreamedAnswer::read_data(const Event& event, std::string_view data, TimePoint now) {
    std::string storage;
    Element chunk;
    const bool known_type = event.type == "message";  // Other event types need not be readable.
    if (const auto error = json::parse(json::mended(data, storage), depth_).get(chunk)) {
        if (known_type) fail(not_json(error, "an event of the stream", data));
        return;
    }
    if (auto error = error_in(chunk)) return fail(std::move(*error));
    if (chunk.is_object()) return read_chunk(chunk, now);
    if (known_type) {
        fail(complaint(FaultKind::bad_response, "an event of the stream is not an object", data));
    }
}

// `choices` is interpreted; all other members are merged as they are, so that they appear in the
// body.
void StreamedAnswer::read_chunk(Element chunk, TimePoint now) {
    simdjson::dom::object members;
    if (chunk.get(members)) return;
    bool has_choices = false;
    for (const auto& [name, value] : members) {
        if (name == "choices") {
            has_choices = !value.is_null();
            if (has_choices) read_choices(value, now);
            continue;
        }
        const auto* known = chunk_.find(name);
        if (known && is_repeated(name) && !known->is_null()) continue;
        Grown grown;
        auto& kept = chunk_.at(name, grown);
        grown += kept.merge(value, Join::replace, name);
        add({grown.held, 0});
        if (name == "usage" || name == "x_groq") read_usage(chunk);
    }
    // A chunk with only a message may be an error. It counts if the stream brings no choice.
    if (!has_choices && !words_) words_ = error_in_place_of_answer(chunk);
}

void StreamedAnswer::read_choices(Element choices, TimePoint now) {
    simdjson::dom::array list;
    if (choices.get(list)) {
        return fail(complaint(FaultKind::bad_response, "`choices` in the stream is not a list"));
    }
    // Only text of the model counts as content: keep-alive chunks must not defer the content
    // deadline.
    const auto content_before = content_;
    for (const auto choice : list) {
        if (choice.is_object()) read_choice(choice);
    }
    if (content_ == content_before) return;
    if (first_content_ == never) first_content_ = now;
    last_content_ = now;
}

void StreamedAnswer::read_choice(Element given) {
    const auto index = json::whole_member(given, "index").value_or(0);
    const auto [place, is_new] = choices_.try_emplace(index);
    auto& choice = place->second;
    if (is_new) add({bytes_of_a_choice, 0});
    if (auto error = error_in_choice(given)) return fail(std::move(*error));
    simdjson::dom::object members;
    if (given.get(members)) return;
    for (const auto& [name, value] : members) {
        read_member(name, value, choice);
        if (name == "usage") read_usage(given);
    }
    read_finish_reason(given, choice);
    if (growth_ && !problem_) {
        growth_->look(operation_, index, choice, !choice.finish_reason.empty());
    }
}

void StreamedAnswer::read_member(std::string_view name, Element value, StreamedChoice& choice) {
    if (name == "index") return;
    if (name == "finish_reason") {
        has_reasons_ = true;
    } else if (name == "delta") {
        read_delta(value, choice);
    } else if (name == "message") {
        // Some servers send `message` instead of `delta`; some repeat the whole message at the end.
        if (choice.message.members().empty()) read_delta(value, choice);
    } else {
        Grown grown;
        const bool is_text = name == "text";
        auto& kept = choice.others.at(name, grown);
        grown += kept.merge(value, is_text ? Join::pieces : Join::lists, name);
        add(is_text ? grown : Grown{grown.held, 0});
    }
}

// Tool calls have rules of their own (`tool_calls.cpp`), because servers number their pieces in
// different ways.
void StreamedAnswer::read_delta(Element delta, StreamedChoice& choice) {
    simdjson::dom::object members;
    if (delta.get(members)) return;
    for (const auto& [name, value] : members) {
        Grown grown;
        simdjson::dom::array calls;
        if (name == "tool_calls" && !value.is_null()) {
            if (!value.get(calls)) {
                auto& kept = choice.message.at(name, grown);
                grown += merge_tool_calls(kept, calls);
            }
        } else if (name == "function_call") {
            auto& kept = choice.message.at(name, grown);
            grown += merge_function(kept, value);
        } else {
            auto& kept = choice.message.at(name, grown);
            grown += kept.merge(value, Join::pieces, name);
        }
        add(grown);
    }
}

void StreamedAnswer::read_finish_reason(Element given, StreamedChoice& choice) {
    const auto reason = json::text_or_empty(given, "finish_reason");
    const auto end = end_of(reason);
    if (end == End::none) return;
    if (end == End::broken_off) return fail(broken_off(reason));
    if (choice.finish_reason.empty()) ++finished_;  // Some servers repeat the reason.
    add({reason.size(), 0});
    choice.finish_reason = reason;
}

// `usage` of a chunk, of Groq's `x_groq`, or of a choice (Moonshot). The maximum counts, because
// repeated usages grow, and some servers send zeros at the end.
void StreamedAnswer::read_usage(Element holder) {
    const auto usage = usage_in(holder);
    if (!usage) return;
    usage_ = usage_ ? larger_of(*usage_, *usage) : *usage;
}

// Called for every growth. The first problem stays, so a limit that is passed later changes
// nothing.
void StreamedAnswer::add(const Grown& grown) {
    held_ += grown.held;
    content_ += grown.content;
    if (held_ <= max_held_ || problem_) return;
    fail(complaint(
        FaultKind::too_large,
        "the text of the stream is larger than " + std::to_string(max_held_) +
            " bytes, which is read.body"
    ));
}

const Complaint* StreamedAnswer::too_large() const {
    const auto* complaint = problem_ ? std::get_if<Complaint>(&*problem_) : nullptr;
    return complaint && complaint->kind == FaultKind::too_large ? complaint : nullptr;
}

// The stream ended with `[DONE]`, has content, and never used the member `finish_reason`; or the
// server is known for reasons that stay null.
bool StreamedAnswer::is_done_without_reasons() const {
    return done_ && finished_ == 0 && content_ > 0 && (!has_reasons_ || !wanted_.needs_reason);
}

// The reason why the stream is not a complete answer.
Reading StreamedAnswer::unfinished() {
    if (choices_.empty() && words_) return std::move(*words_);
    auto what = done_ ? std::string{"the stream said [DONE]"} : "the stream ended";
    what += " when " + std::to_string(finished_) + " of " +
            std::to_string(std::max(wanted_.choices, choices_.size())) + " choices had finished";
    return complaint(FaultKind::incomplete_stream, std::move(what));
}

// The rules stand at the class. An answer that is not whole is never given as one: the row would be
// recorded and not asked again.
Reading StreamedAnswer::finish() {
    if (problem_) return std::move(*problem_);
    const bool no_reasons = is_done_without_reasons();
    const bool all_finished = finished_ == choices_.size() || no_reasons;
    const bool are_all = choices_.size() >= wanted_.choices || done_ || usage_;
    if (!all_finished || !are_all || choices_.empty() || choices_.size() < wanted_.inputs) {
        return unfinished();
    }
    Completion completion;
    const auto& first = choices_.begin()->second;
    const auto* text =
        operation_ == Operation::chat ? first.message.find("content") : first.others.find("text");
    if (text) completion.text = text->text_of_parts();
    completion.finish_reason = first.finish_reason;
    completion.usage = usage_;
    completion.model = chunk_.text_of("model");
    completion.service_tier = chunk_.text_of("service_tier");
    completion.body = body();
    if (no_reasons && wanted_.needs_reason) {
        add_note(completion, "the stream ended with [DONE] and no finish_reason");
    }
    note_choices(completion, choices_.size(), wanted_);
    for (const auto& [index, choice] : choices_) note_end(completion, choice.finish_reason);
    return completion;
}

std::string StreamedAnswer::body() const {
    if (choices_.empty()) return odd_event_;
    return streamed_body(operation_, chunk_, choices_);
}

}  // namespace skein
