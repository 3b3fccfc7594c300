#include "dialect/openai_stream.hpp"

#include "base/ascii.hpp"
#include "dialect/openai_stream_body.hpp"

#include <array>
#include <limits>
#include <utility>

namespace skein {
namespace {

using json::Element;

constexpr std::array<std::string_view, 4> delta_texts{
    "content", "refusal", "reasoning_content", "reasoning"};

// What a choice or a call costs us before it says anything, so that many empty ones are counted.
constexpr std::size_t bytes_of_each = 256;

}  // namespace

void StreamedAnswer::read(const Event& event, TimePoint now) {
    if (ended()) return;
    if (!event.error.empty()) return fail(read_error_body(event.error));
    if (event.type == "error") return fail(read_error_body(event.data));
    const auto data = trimmed(event.data);
    if (data.empty()) return;
    if (data == "[DONE]") {
        done_ = true;
        return;
    }
    std::string storage;
    Element chunk;
    const bool known_type = event.type == "message";  // Of others we need not understand a word.
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

void StreamedAnswer::read_chunk(Element chunk, TimePoint now) {
    keep_first(id_, json::text_or_empty(chunk, "id"));
    keep_first(model_, json::text_or_empty(chunk, "model"));
    keep_first(fingerprint_, json::text_or_empty(chunk, "system_fingerprint"));
    if (!created_) created_ = json::whole_member(chunk, "created");
    if (const auto usage = json::member(chunk, "usage"); usage && usage->is_object()) {
        usage_ = usage_in(chunk);
        usage_text_ = json::one_line(*usage);
    }
    const auto choices = json::member(chunk, "choices");
    if (!choices) return;
    simdjson::dom::array list;
    if (choices->get(list)) {
        return fail(complaint(FaultKind::bad_response, "`choices` in the stream is not a list"));
    }
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
    if (is_new) hold(bytes_of_each);
    if (const auto text = json::text_member(given, "text")) append(choice.texts["text"], *text);
    if (const auto delta = json::member(given, "delta")) read_delta(*delta, choice);
    if (const auto logprobs = json::member(given, "logprobs")) read_logprobs(*logprobs, choice);
    read_finish_reason(given, choice);
}

void StreamedAnswer::read_delta(Element delta, StreamedChoice& choice) {
    keep_first(choice.role, json::text_or_empty(delta, "role"));
    for (const auto name : delta_texts) {
        const auto content = json::member(delta, name);
        if (!content) continue;
        auto kept = choice.texts.find(name);
        if (kept == choice.texts.end()) kept = choice.texts.try_emplace(std::string{name}).first;
        append(kept->second, text_of_content(*content));
    }
    read_tool_calls(delta, choice);
    if (const auto call = json::member(delta, "function_call")) {
        if (!choice.function_call) choice.function_call = StreamedChoice::Call{};
        read_call(*call, *choice.function_call);
    }
}

// Servers that give a call no index give it whole, or go on with the last one.
void StreamedAnswer::read_tool_calls(Element delta, StreamedChoice& choice) {
    const auto given = json::list_member(delta, "tool_calls");
    if (!given) return;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    auto& calls = choice.tool_calls;
    for (const auto element : *given) {
        const auto id = json::text_or_empty(element, "id");
        const auto last = calls.empty() ? -1 : calls.rbegin()->first;
        const bool begins = calls.empty() || !id.empty();
        const auto next = last < 0 ? 0 : last + (begins && last < most ? 1 : 0);
        const auto index = json::whole_member(element, "index").value_or(next);
        const auto [place, is_new] = calls.try_emplace(index);
        auto& call = place->second;
        if (is_new) hold(bytes_of_each);
        keep_first(call.id, id);
        keep_first(call.type, json::text_or_empty(element, "type"));
        if (const auto function = json::member(element, "function")) read_call(*function, call);
    }
}

void StreamedAnswer::read_call(Element given, StreamedChoice::Call& call) {
    append(call.name, json::text_or_empty(given, "name"));
    const auto arguments = json::member(given, "arguments");
    if (!arguments) return;
    std::string_view text;
    if (arguments->get(text)) {
        append(call.arguments, json::one_line(*arguments));  // Given as JSON, not as its text.
    } else {
        append(call.arguments, text);
    }
}

// Lists of the same name are one list, in pieces.
void StreamedAnswer::read_logprobs(Element logprobs, StreamedChoice& choice) {
    simdjson::dom::object object;
    if (logprobs.get(object)) return;
    for (const auto& [name, value] : object) {
        simdjson::dom::array list;
        if (value.get(list)) continue;
        auto kept = choice.logprobs.find(name);
        if (kept == choice.logprobs.end()) {
            kept = choice.logprobs.try_emplace(std::string{name}).first;
            hold(bytes_of_each);
        }
        for (const auto element : list) {
            const auto text = json::one_line(element);
            hold(text.size() + 1);
            if (!kept->second.empty()) kept->second += ',';
            kept->second += text;
        }
    }
}

void StreamedAnswer::read_finish_reason(Element given, StreamedChoice& choice) {
    const auto reason = json::text_or_empty(given, "finish_reason");
    if (reason.empty()) return;
    if (reason == "error") {
        fail(complaint(FaultKind::server_error, "the server finished with the reason `error`"));
    }
    if (choice.finish_reason.empty()) ++finished_;
    hold(reason.size());
    choice.finish_reason = reason;
}

void StreamedAnswer::keep_first(std::string& kept, std::string_view given) {
    if (!kept.empty() || given.empty()) return;
    hold(given.size());
    kept = given;
}

void StreamedAnswer::append(std::string& text, std::string_view more) {
    hold(more.size());
    if (problem_) return;
    content_ += more.size();
    text += more;
}

void StreamedAnswer::hold(std::size_t bytes) {
    held_ += bytes;
    if (held_ <= most_held_ || problem_) return;
    fail(complaint(
        FaultKind::too_large,
        "the text of the stream is larger than " + std::to_string(most_held_) + " bytes"
    ));
}

bool StreamedAnswer::too_large() const {
    const auto* complaint = problem_ ? std::get_if<Complaint>(&*problem_) : nullptr;
    return complaint && complaint->kind == FaultKind::too_large;
}

Reading StreamedAnswer::finish() {
    if (problem_) return std::move(*problem_);
    if (!complete()) {
        auto what = done_ ? std::string{"the stream said [DONE]"} : "the stream ended";
        what += " when " + std::to_string(finished_) + " of " +
                std::to_string(std::max(wanted_, choices_.size())) + " choices had finished";
        return complaint(FaultKind::incomplete_stream, std::move(what));
    }
    Completion completion;
    const auto& first = choices_.begin()->second;
    const auto text = first.texts.find(ask_ == Ask::chat ? "content" : "text");
    if (text != first.texts.end()) completion.text = text->second;
    completion.finish_reason = first.finish_reason;
    completion.usage = usage_;
    completion.model = model_;
    completion.body = body();
    return completion;
}

std::string StreamedAnswer::body() const {
    StreamedBody body{ask_ == Ask::chat};
    body.begin(id_, created_, model_);
    for (const auto& [index, choice] : choices_) body.add(index, choice);
    body.end(usage_text_, fingerprint_);
    return body.take();
}

}  // namespace skein
