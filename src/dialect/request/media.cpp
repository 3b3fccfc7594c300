#include "dialect/request/media.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

using json::Element;

// Shorter data is counted as text, because the difference is small.
constexpr std::size_t shortest = 1024;

struct PartCost {
    std::string_view type;
    std::int64_t tokens;
};

// Types of parts: OpenAI's chat and Responses, Anthropic, Mistral, vLLM.
constexpr std::array costs{
    PartCost{"image_url", 1100},
    PartCost{"input_image", 1100},
    PartCost{"image", 1100},
    PartCost{"image_embeds", 1100},
    PartCost{"input_audio", 1500},
    PartCost{"audio_url", 1500},
    PartCost{"audio", 1500},
    PartCost{"file", 3000},
    PartCost{"input_file", 3000},
    PartCost{"document", 3000},
    PartCost{"document_url", 3000},
    PartCost{"video_url", 5000},
    PartCost{"video", 5000},
};
constexpr std::int64_t image_of_low_detail = 85;

// `detail` is a member of the part or of its `image_url`.
bool is_of_low_detail(Element part) {
    const auto image = json::member(part, "image_url");
    return json::text_or_empty(part, "detail") == "low" ||
           (image && json::text_or_empty(*image, "detail") == "low");
}

// Zero for a text part, and for a type that is not known.
std::int64_t cost_of(Element part) {
    const auto type = json::text_or_empty(part, "type");
    const auto cost = std::ranges::find(costs, type, &PartCost::type);
    if (cost == costs.end()) return 0;
    return is_of_low_detail(part) ? image_of_low_detail : cost->tokens;
}

// A backslash counts, too, because `\/` and `\n` may occur inside the data.
bool is_base64(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '+' || c == '/' ||
           c == '=' || c == '-' || c == '_' || c == '\\';
}

// Does `before` introduce the data of a part: a `data:` URL, or a member for data?
bool is_before_data(std::string_view before) {
    if (before.ends_with(";base64,")) return true;
    if (!before.ends_with('"')) return false;
    before = trimmed(before.substr(0, before.size() - 1));
    if (!before.ends_with(':')) return false;
    before = trimmed(before.substr(0, before.size() - 1));
    return before.ends_with("\"data\"") || before.ends_with("\"file_data\"");
}

}  // namespace

// Estimate for the parts of all messages. The true count depends on the model and on the size of
// the image, and corrects the estimate when the usage is known.
std::int64_t media_tokens_in(Element messages) {
    std::int64_t tokens = 0;
    simdjson::dom::array list;
    if (messages.get(list)) return tokens;
    for (const auto message : list) {
        const auto parts = json::list_member(message, "content");
        if (!parts) continue;
        for (const auto part : *parts) tokens += cost_of(part);
    }
    return tokens;
}

// Samples one byte in every `shortest`, because data of at least that length cannot lie between two
// samples. Fast for all other text, which has a space or a quote near each sample.
std::size_t media_bytes_in(std::string_view body) {
    std::size_t bytes = 0;
    for (auto at = shortest; at < body.size(); at += shortest) {
        auto begin = at;
        while (begin > 0 && is_base64(body[begin - 1])) --begin;
        auto end = at;
        while (end < body.size() && is_base64(body[end])) ++end;
        const bool is_long = end - begin >= shortest;
        if (is_long && is_before_data(body.substr(0, begin))) bytes += end - begin;
        at = std::max(at, end);
    }
    return bytes;
}

}  // namespace skein
