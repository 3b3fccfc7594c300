#include "dialect/gemini/usage.hpp"

#include "base/ascii.hpp"
#include "dialect/gemini/members.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace skein::google {
namespace {

using Count = std::optional<std::int64_t>;

// A larger count is noise, and sums of such counts would overflow.
constexpr std::int64_t max_count = std::numeric_limits<std::int64_t>::max() / 4;

constexpr std::size_t max_tier = 60;  // Bytes of a word that is a tier.

Count count_in(json::Element counts, std::string_view name) {
    const auto count = json::whole_member(counts, name);
    return count ? Count{std::min(*count, max_count)} : std::nullopt;
}

// Nothing if neither was told.
Count sum(const Count& a, const Count& b) {
    return a || b ? Count{a.value_or(0) + b.value_or(0)} : std::nullopt;
}

void add_part(
    std::string& out, std::string_view details, std::string_view name, const Count& count
) {
    if (!count) return;
    add_name(out, details);
    out += '{';
    add_number(out, name, *count);
    out += '}';
}

}  // namespace

void add_usage(std::string& out, json::Element root) {
    const auto counts = json::member(root, "usageMetadata");
    if (!counts) return;
    const auto tier = json::text_or_empty(*counts, "serviceTier");
    if (!tier.empty() && tier.size() <= max_tier) add_text(out, "service_tier", lowered(tier));
    const auto prompt = count_in(*counts, "promptTokenCount");
    const auto of_tools = count_in(*counts, "toolUsePromptTokenCount");
    const auto answered = count_in(*counts, "candidatesTokenCount");
    const auto thoughts = count_in(*counts, "thoughtsTokenCount");
    const auto cached = count_in(*counts, "cachedContentTokenCount");
    const auto total = count_in(*counts, "totalTokenCount");
    for (const auto& count : {prompt, of_tools, answered, thoughts, cached, total}) {
        if (count.value_or(0) < 0) return;
    }
    const auto input = sum(prompt, of_tools);
    const auto output = sum(answered, thoughts);
    if (!input && !output && !total) return;
    add_name(out, "usage");
    out += '{';
    if (input) add_number(out, "prompt_tokens", *input);
    if (output) add_number(out, "completion_tokens", *output);
    if (total) add_number(out, "total_tokens", *total);
    add_part(out, "prompt_tokens_details", "cached_tokens", cached);
    add_part(out, "completion_tokens_details", "reasoning_tokens", thoughts);
    out += '}';
}

}  // namespace skein::google
