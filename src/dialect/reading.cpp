#include "dialect/reading.hpp"

#include "base/ascii.hpp"

#include <utility>

namespace skein {

Complaint complaint(FaultKind kind, std::string what, std::string_view quote) {
    constexpr std::size_t enough = 4096;
    return {kind, std::move(what), std::string{trimmed(quote).substr(0, enough)}};
}

Complaint not_json(simdjson::error_code error, std::string_view what, std::string_view text) {
    std::string why{what};
    switch (error) {
        case simdjson::DEPTH_ERROR:
            return complaint(FaultKind::bad_response, why + " is nested too deep");
        case simdjson::NUMBER_ERROR:
            return complaint(FaultKind::bad_response, why + " holds a number that cannot be read");
        case simdjson::MEMALLOC:
        case simdjson::CAPACITY:
            return complaint(FaultKind::too_large, why + " is larger than memory allows to read");
        default:
            return complaint(FaultKind::bad_response, why + " is not JSON", text);
    }
}

std::optional<Usage> usage_in(json::Element root) {
    const auto usage = json::member(root, "usage");
    if (!usage) return std::nullopt;
    auto input = json::whole_member(*usage, "prompt_tokens");
    auto output = json::whole_member(*usage, "completion_tokens");
    if (!input) input = json::whole_member(*usage, "input_tokens");
    if (!output) output = json::whole_member(*usage, "output_tokens");
    if (!input || *input < 0 || output.value_or(0) < 0) return std::nullopt;
    return Usage{.input_tokens = *input, .output_tokens = output.value_or(0)};
}

std::string text_of_content(json::Element content) {
    std::string_view words;
    simdjson::dom::array parts;
    if (!content.get(words)) return std::string{words};
    std::string text;
    if (content.get(parts)) return text;
    for (const auto part : parts) text += json::text_or_empty(part, "text");
    return text;
}

}  // namespace skein
