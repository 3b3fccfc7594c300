#include "dialect/anthropic/stop_words.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

struct StopWord {
    std::string_view theirs;
    std::string_view ours;
};

constexpr std::array stop_words{
    StopWord{"end_turn", "stop"},
    StopWord{"stop_sequence", "stop"},
    StopWord{"max_tokens", "length"},
    StopWord{"model_context_window_exceeded", "length"},
    StopWord{"tool_use", "tool_calls"},
    StopWord{"refusal", "content_filter"},
    StopWord{"pause_turn", "paused"},
    StopWord{"compaction", "paused"},
};

std::string_view finish_reason_for(std::string_view stop_reason) {
    const auto known = std::ranges::find(stop_words, stop_reason, &StopWord::theirs);
    return known == stop_words.end() ? stop_reason : known->ours;
}

}  // namespace

void append_finish_reason(std::string& out, std::string_view stop_reason) {
    out += R"("finish_reason":)";
    if (stop_reason.empty()) {
        out += "null";
        return;
    }
    const auto reason = finish_reason_for(stop_reason);
    json::append_string(out, reason);
    if (reason == stop_reason) return;
    out += R"(,"native_finish_reason":)";
    json::append_string(out, stop_reason);
}

}  // namespace skein
