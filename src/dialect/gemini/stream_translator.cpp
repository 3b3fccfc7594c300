#include "dialect/gemini/stream_translator.hpp"

#include "dialect/gemini/answer_translator.hpp"
#include "dialect/gemini/candidate.hpp"
#include "dialect/gemini/members.hpp"
#include "dialect/gemini/reason.hpp"
#include "dialect/gemini/usage.hpp"

#include <algorithm>
#include <array>

namespace skein::google {
namespace {

// Is the event a piece of an answer? Anything else is left to the reader of the common form.
bool is_piece(json::Element root) {
    static constexpr std::array<std::string_view, 5> names{
        "candidates",
        "usageMetadata",
        "promptFeedback",
        "modelVersion",
        "responseId",
    };
    return !json::member(root, "error") && std::ranges::any_of(names, [&](std::string_view name) {
        return json::member(root, name).has_value();
    });
}

}  // namespace

void PieceTranslator::read(const Event& event, std::vector<std::string>& chunks) {
    if (!event.error.empty()) {
        chunks.emplace_back(event.error);
        return;
    }
    std::string storage;
    json::Element root;
    const bool is_json = !json::parse(json::mended(event.data, storage)).get(root);
    auto chunk = is_json && is_piece(root) ? chunk_of(root) : std::nullopt;
    chunks.push_back(chunk ? std::move(*chunk) : std::string{event.data});
}

// The usage comes with nearly every event. Its counts grow, and the last ones count.
std::optional<std::string> PieceTranslator::chunk_of(json::Element root) {
    if (auto error = error_of_blocked_prompt(root)) return error;
    auto chunk = begin_answer(root, "chat.completion.chunk");
    add_name(chunk, "choices");
    chunk += '[';
    if (const auto candidates = json::list_member(root, "candidates")) {
        if (candidates->size() > max_candidates) return std::nullopt;
        for (const auto candidate : *candidates) {
            if (candidate.is_object()) add_candidate(chunk, candidate);
        }
    }
    chunk += ']';
    if (choices_ <= 1 || finished_.size() >= choices_) add_usage(chunk, root);
    return chunk += '}';
}

void PieceTranslator::add_candidate(std::string& chunk, json::Element candidate) {
    const auto index = json::whole_member(candidate, "index").value_or(0);
    const auto known = calls_.find(index);
    const auto before = known == calls_.end() ? 0 : known->second;
    Place place{.is_streamed = true, .index = index, .calls = before};
    add_choice(chunk, candidate, place);
    if (place.calls != before) calls_[index] = place.calls;
    const auto reason = json::text_or_empty(candidate, "finishReason");
    if (!common_reason(reason, false).empty()) finished_.insert(index);
}

}  // namespace skein::google
