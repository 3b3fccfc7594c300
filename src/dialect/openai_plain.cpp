#include "dialect/openai_plain.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

using json::Element;
using Wrong = std::optional<Complaint>;

constexpr std::array<std::string_view, 6> instead_of_content{
    "tool_calls",
    "function_call",
    "refusal",
    "reasoning_content",
    "reasoning",
    "audio",
};

Wrong bad(std::string what) { return complaint(FaultKind::bad_response, std::move(what)); }

// Without content: is something else there in its place, or does the reason to finish explain it?
// (Empty content is an answer.)
bool says_anything(Element message, std::string_view finish_reason) {
    if (finish_reason == "length" || finish_reason == "content_filter") return true;
    return std::ranges::any_of(instead_of_content, [&](std::string_view name) {
        return json::member(message, name).has_value();
    });
}

// What one choice says; what is wrong with it, if anything is.
struct Choice {
    std::string_view finish_reason{};
    std::optional<Element> content{};
};

Wrong read_choice(Element given, Ask ask, Choice& choice) {
    choice.finish_reason = json::text_or_empty(given, "finish_reason");
    if (choice.finish_reason == "error") {
        return complaint(FaultKind::server_error, "the server finished with the reason `error`");
    }
    if (ask == Ask::completion) {
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

Wrong read_choices(simdjson::dom::array choices, Ask ask, Completion& completion) {
    std::optional<Choice> first;
    for (const auto given : choices) {
        Choice choice;
        if (auto wrong = read_choice(given, ask, choice)) return wrong;
        if (!first) first = choice;
    }
    if (!first) return bad("the answer has no choice in `choices`");
    completion.finish_reason = first->finish_reason;
    if (first->content) completion.text = text_of_content(*first->content);
    return std::nullopt;
}

Wrong read_embeddings(simdjson::dom::array data) {
    if (data.begin() == data.end()) return bad("the answer has no embedding in `data`");
    return std::nullopt;
}

// What there is instead of the answer: words of an error, or something to be shown.
Reading read_no_answer(Element root, std::string_view missing, std::string_view text) {
    if (auto error = error_in_place_of_answer(root)) return std::move(*error);
    auto what = "the answer has no list of `" + std::string{missing} + '`';
    return complaint(FaultKind::bad_response, std::move(what), text);
}

// The answer of an operation that we know nothing of: whatever is no error.
Reading read_other(Element root, std::string body) {
    if (!root.is_object() && !root.is_array()) {
        return complaint(FaultKind::bad_response, "the answer is no JSON object", body);
    }
    Completion completion;
    completion.model = json::text_or_empty(root, "model");
    completion.usage = usage_in(root);
    completion.body = std::move(body);
    return completion;
}

}  // namespace

Reading read_plain_answer(std::string given, Ask ask, std::size_t depth) {
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
    if (ask == Ask::other) return read_other(root, take_body());
    const std::string_view name = ask == Ask::embedding ? "data" : "choices";
    const auto list = json::list_member(root, name);
    if (!list) return read_no_answer(root, name, text);
    Completion completion;
    auto wrong =
        ask == Ask::embedding ? read_embeddings(*list) : read_choices(*list, ask, completion);
    if (wrong) return std::move(*wrong);
    completion.model = json::text_or_empty(root, "model");
    completion.usage = usage_in(root);
    completion.body = take_body();
    return completion;
}

}  // namespace skein
