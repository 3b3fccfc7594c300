// Reads an answer that is one JSON object, by the rules of its operation. Invariant: errors are
// looked for first, and `given` is moved from only when the answer is accepted, because a refused
// body is kept in the fault. Pure; any thread.
#include "dialect/answer/plain_answer.hpp"

#include "base/ascii.hpp"
#include "dialect/answer/ends.hpp"
#include "dialect/http/content_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

using json::Element;

// Members of a message that may stand in place of its content.
constexpr std::array<std::string_view, 9> instead_of_content{
    "tool_calls",
    "function_call",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking",
    "audio",
    "images",
};

Complaint bad(std::string what) { return complaint(FaultKind::bad_response, std::move(what)); }

// A message without `content` is valid if another member stands in for it, or if the finish reason
// explains it. (Empty content is a valid answer.)
bool says_anything(Element message, std::string_view finish_reason) {
    if (finish_reason == "length" || finish_reason == "content_filter") return true;
    return std::ranges::any_of(instead_of_content, [&](std::string_view name) {
        return json::member(message, name).has_value();
    });
}

// The parts of a choice that are needed for the completion.
struct Choice {
    std::string_view finish_reason{};
    std::optional<Element> content{};
};

// Returns what is wrong with a choice; nothing if it is an answer. One bad choice refuses the whole
// answer, because the row would be incomplete.
std::optional<Reading> read_choice(Element given, Operation operation, Choice& choice) {
    if (auto error = error_in_choice(given)) return std::move(*error);
    choice.finish_reason = json::text_or_empty(given, "finish_reason");
    if (end_of(choice.finish_reason) == End::broken_off) return broken_off(choice.finish_reason);
    if (operation == Operation::completion) {
        choice.content = json::member(given, "text");
        if (choice.content && choice.content->is_string()) return std::nullopt;
        return bad("a choice of the answer has no `text`");
    }
    const auto message = json::member(given, "message");
    if (!message || !message->is_object()) return bad("a choice of the answer has no `message`");
    choice.content = json::member(*message, "content");
    if (choice.content || says_anything(*message, choice.finish_reason)) return std::nullopt;
    return bad("a message of the answer says nothing");
}

Complaint too_few(std::size_t came, std::size_t wanted, const std::string& what) {
    return bad(
        "a part of the answer is missing: " + std::to_string(came) + " of " +
        std::to_string(wanted) + ' ' + what
    );
}

// The first choice gives text and finish reason. Fewer choices than prompts are an error, because a
// prompt would have no answer; fewer than `n` are only noted, because some servers ignore `n`.
std::optional<Reading> read_choices(
    simdjson::dom::array choices, Operation operation, const Wanted& wanted, Completion& completion
) {
    std::optional<Choice> first;
    std::size_t count = 0;
    for (const auto given : choices) {
        Choice choice;
        if (auto wrong = read_choice(given, operation, choice)) return wrong;
        if (!first) first = choice;
        note_end(completion, choice.finish_reason);
        ++count;
    }
    if (count < wanted.inputs) return too_few(count, wanted.inputs, "choices");
    note_choices(completion, count, wanted);
    if (end_of(first->finish_reason) != End::none) completion.finish_reason = first->finish_reason;
    if (first->content) completion.text = text_of_content(*first->content);
    return std::nullopt;
}

// Is there a vector: numbers, base64, or several representations in an object (Cohere, Jina)?
bool is_vector(Element given) {
    const auto embedding = json::member(given, "embedding");
    std::string_view text;
    simdjson::dom::array list;
    if (!embedding) return json::member(given, "embeddings").has_value();
    if (!embedding->get(text)) return !text.empty();
    if (embedding->get(list)) return embedding->is_object();
    Element number;
    return !list.at(0).get(number) && !number.is_null();
}

std::optional<Reading> read_embeddings(simdjson::dom::array data, const Wanted& wanted) {
    std::size_t count = 0;
    for (const auto given : data) {
        if (!is_vector(given)) {
            return bad("the embedding " + std::to_string(count) + " of the answer is no vector");
        }
        ++count;
    }
    if (count < wanted.inputs) return too_few(count, wanted.inputs, "embeddings");
    return std::nullopt;
}

// Reads an answer without choices or data: an error, or a complaint that quotes the text.
Reading read_no_answer(Element root, std::string_view missing, std::string_view text) {
    if (auto error = error_in_place_of_answer(root)) return std::move(*error);
    auto what = "the answer has no list of `" + std::string{missing} + '`';
    return complaint(FaultKind::bad_response, std::move(what), text);
}

// Reads the answer of an unknown operation: any JSON that is not an error is accepted.
Reading read_other(Element root, std::string body) {
    if (!root.is_object() && !root.is_array()) {
        return complaint(FaultKind::bad_response, "the answer is no JSON object", body);
    }
    Completion completion;
    completion.model = json::text_or_empty(root, "model");
    completion.service_tier = json::text_or_empty(root, "service_tier");
    completion.usage = usage_in(root);
    completion.body = std::move(body);
    return completion;
}

}  // namespace

// The order matters: an error inside a 200 must be found before the answer is judged, and the body
// is moved last, because every complaint quotes from it.
Reading read_plain_answer(
    std::string& given, Operation operation, std::size_t depth, const Wanted& wanted
) {
    std::string storage;
    const auto text = json::mended(given, storage);
    if (trimmed(text).empty()) return complaint(FaultKind::bad_response, "the answer is empty");
    Element root;
    if (const auto error = json::parse(text, depth).get(root)) {
        return not_json(error, "the answer", text);
    }
    if (auto error = error_in(root)) return std::move(*error);
    const bool is_as_given = text.data() == given.data() && text.size() == given.size();
    const auto take_body = [&] {
        return json::one_line(is_as_given ? std::move(given) : std::string{text});
    };
    if (operation == Operation::other) return read_other(root, take_body());
    const std::string_view name = operation == Operation::embedding ? "data" : "choices";
    const auto list = json::list_member(root, name);
    if (!list || list->size() == 0) return read_no_answer(root, name, text);
    Completion completion;
    auto wrong = operation == Operation::embedding
                     ? read_embeddings(*list, wanted)
                     : read_choices(*list, operation, wanted, completion);
    if (wrong) return std::move(*wrong);
    completion.model = json::text_or_empty(root, "model");
    completion.service_tier = json::text_or_empty(root, "service_tier");
    completion.usage = usage_in(root);
    // Some servers put the usage into the choice (see `StreamedAnswer::read_usage`).
    if (!completion.usage && operation != Operation::embedding)
        completion.usage = usage_in(*list->begin());
    completion.body = take_body();
    return completion;
}

}  // namespace skein
