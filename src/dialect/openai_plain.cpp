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

// Empty content is an answer, no content is one only where something else is there in its place,
// or where the reason to finish explains it.
bool says_anything(Element message, std::string_view finish_reason) {
    if (json::member(message, "content")) return true;
    if (finish_reason == "length" || finish_reason == "content_filter") return true;
    return std::ranges::any_of(instead_of_content, [&](std::string_view name) {
        return json::member(message, name).has_value();
    });
}

Wrong check_choice(Element choice, Ask ask) {
    const auto finish_reason = json::text_or_empty(choice, "finish_reason");
    if (finish_reason == "error") {
        return complaint(FaultKind::server_error, "the server finished with the reason `error`");
    }
    if (ask == Ask::completion) {
        if (json::text_member(choice, "text")) return std::nullopt;
        return bad("a choice of the answer has no `text`");
    }
    const auto message = json::member(choice, "message");
    if (!message || !message->is_object()) return bad("a choice of the answer has no `message`");
    if (says_anything(*message, finish_reason)) return std::nullopt;
    return bad("a message of the answer says nothing");
}

Wrong read_choices(Element root, Ask ask, Completion& completion) {
    const auto choices = json::list_member(root, "choices");
    if (!choices) return bad("the answer has no list of `choices`");
    Element first;
    if (choices->at(0).get(first)) return bad("the answer has no choice in `choices`");
    for (const auto choice : *choices) {
        if (auto wrong = check_choice(choice, ask)) return wrong;
    }
    completion.finish_reason = json::text_or_empty(first, "finish_reason");
    if (ask == Ask::completion) {
        completion.text = json::text_or_empty(first, "text");
    } else if (const auto message = json::member(first, "message")) {
        const auto content = json::member(*message, "content");
        if (content) completion.text = text_of_content(*content);
    }
    return std::nullopt;
}

Wrong read_embeddings(Element root) {
    const auto data = json::list_member(root, "data");
    if (!data || data->begin() == data->end()) return bad("the answer has no embedding in `data`");
    return std::nullopt;
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
    Completion completion;
    auto wrong =
        ask == Ask::embedding ? read_embeddings(root) : read_choices(root, ask, completion);
    if (wrong) return std::move(*wrong);
    completion.model = json::text_or_empty(root, "model");
    completion.usage = usage_in(root);
    const bool is_as_given = text.data() == given.data() && text.size() == given.size();
    completion.body = json::one_line(is_as_given ? std::move(given) : std::string{text});
    return completion;
}

}  // namespace skein
