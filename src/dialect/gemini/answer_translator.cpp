#include "dialect/gemini/answer_translator.hpp"

#include "dialect/gemini/candidate.hpp"
#include "dialect/gemini/members.hpp"
#include "dialect/gemini/reason.hpp"
#include "dialect/gemini/usage.hpp"

namespace skein::google {

std::string begin_answer(json::Element root, std::string_view object) {
    std::string common = "{";
    const auto id = json::text_or_empty(root, "responseId");
    const auto model = json::text_or_empty(root, "modelVersion");
    if (!id.empty()) add_text(common, "id", id);
    add_text(common, "object", object);
    if (!model.empty()) add_text(common, "model", model);
    return common;
}

// An error is read as it stands, because the common form has Google's shape, too.
std::optional<std::string> common_answer(json::Element root) {
    if (json::member(root, "error")) return std::nullopt;
    if (auto error = error_of_blocked_prompt(root)) return error;
    const auto candidates = json::list_member(root, "candidates");
    if (!candidates || candidates->size() == 0 || candidates->size() > max_candidates) {
        return std::nullopt;
    }
    auto common = begin_answer(root, "chat.completion");
    add_name(common, "choices");
    common += '[';
    std::int64_t position = 0;
    for (const auto candidate : *candidates) {
        if (!candidate.is_object()) return std::nullopt;
        Place place{.index = json::whole_member(candidate, "index").value_or(position++)};
        add_choice(common, candidate, place);
    }
    common += ']';
    add_usage(common, root);
    return common += '}';
}

}  // namespace skein::google
