#include "dialect/usage.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace skein {
namespace {

using json::Element;
using Count = std::optional<std::int64_t>;

// Beyond it a count is noise, and sums would not fit.
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;

// The first of two names that has a count.
Count count_of(Element usage, const char* name, const char* other_name) {
    auto count = json::whole_member(usage, name);
    if (!count) count = json::whole_member(usage, other_name);
    if (count) count = std::min(*count, most);
    return count;
}

std::int64_t reasoning_in(Element usage) {
    for (const char* details : {"completion_tokens_details", "output_tokens_details"}) {
        if (const auto found = json::member(usage, details)) {
            return count_of(*found, "reasoning_tokens", "thinking_tokens").value_or(0);
        }
    }
    return count_of(usage, "reasoning_tokens", "thinking_tokens").value_or(0);
}

// Null if the counts make no sense.
std::optional<Usage> usage_of(Element usage, Count input, Count output, Count total) {
    if (!total) {
        const auto reasoning = reasoning_in(usage);
        if (reasoning < 0) return std::nullopt;
        const auto written = output.value_or(0);
        const bool is_beside = output && reasoning > written;
        return Usage{input.value_or(0), written + (is_beside ? reasoning : 0)};
    }
    const auto written = output.value_or(0);
    if (!input) return Usage{std::max<std::int64_t>(*total - written, 0), written};
    return Usage{*input, std::max(written, *total - *input)};
}

}  // namespace

std::optional<Usage> usage_in(Element holder) {
    auto usage = json::member(holder, "usage");
    if (!usage) {
        const auto groq = json::member(holder, "x_groq");
        usage = groq ? json::member(*groq, "usage") : std::nullopt;
    }
    if (!usage) return std::nullopt;
    const auto input = count_of(*usage, "prompt_tokens", "input_tokens");
    const auto output = count_of(*usage, "completion_tokens", "output_tokens");
    const auto total = count_of(*usage, "total_tokens", "total");
    const bool is_sane =
        input.value_or(0) >= 0 && output.value_or(0) >= 0 && total.value_or(0) >= 0;
    if (!is_sane || (!input && !output && !total)) return std::nullopt;
    return usage_of(*usage, input, output, total);
}

}  // namespace skein
