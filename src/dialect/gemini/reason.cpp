#include "dialect/gemini/reason.hpp"

#include "dialect/gemini/members.hpp"

#include <algorithm>
#include <array>

namespace skein::google {
namespace {

struct Ending {
    std::string_view native;
    std::string_view common;
};

constexpr std::array endings{
    Ending{"FINISH_REASON_UNSPECIFIED", ""},
    Ending{"STOP", "stop"},
    Ending{"MAX_TOKENS", "length"},
    Ending{"SAFETY", "content_filter"},
    Ending{"RECITATION", "content_filter"},
    Ending{"LANGUAGE", "content_filter"},
    Ending{"BLOCKLIST", "content_filter"},
    Ending{"PROHIBITED_CONTENT", "content_filter"},
    Ending{"SPII", "content_filter"},
    Ending{"IMAGE_SAFETY", "content_filter"},
    Ending{"IMAGE_PROHIBITED_CONTENT", "content_filter"},
    Ending{"IMAGE_RECITATION", "content_filter"},
    Ending{"CONTINUATION", "paused"},
};

// The word of a block that is none, in its two spellings.
bool is_unspecified(std::string_view word) {
    return word.empty() || word == "BLOCK_REASON_UNSPECIFIED" ||
           word == "BLOCKED_REASON_UNSPECIFIED";
}

}  // namespace

std::string_view common_reason(std::string_view native, bool has_calls) {
    if (native == "STOP" && has_calls) return "tool_calls";
    const auto known = std::ranges::find(endings, native, &Ending::native);
    return known == endings.end() ? native : known->common;
}

std::optional<std::string> error_of_blocked_prompt(json::Element root) {
    const auto candidates = json::list_member(root, "candidates");
    const auto feedback = json::member(root, "promptFeedback");
    if (!feedback || (candidates && candidates->size() > 0)) return std::nullopt;
    const auto word = json::text_or_empty(*feedback, "blockReason");
    if (is_unspecified(word)) return std::nullopt;
    auto words = "the prompt was blocked: " + std::string{word};
    const auto more = json::text_or_empty(*feedback, "blockReasonMessage");
    if (!more.empty()) words.append(", ").append(more);
    std::string error = R"({"error":{"code":"content_filter")";
    add_text(error, "message", words);
    return error += "}}";
}

}  // namespace skein::google
