#include "dialect/answer/usage.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace skein {
namespace {

using json::Element;
using Count = std::optional<std::int64_t>;

// A larger count is noise, and sums of such counts would overflow.
constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max() / 4;

// A number with a fraction or a text gives nothing.
Count whole(const std::optional<Element>& member) {
    std::int64_t number = 0;
    return member && !member->get(number) ? Count{number} : std::nullopt;
}

// The first of the two members that is a whole number, limited to `max`.
Count count_of(const std::optional<Element>& member, const std::optional<Element>& other) {
    auto count = whole(member);
    if (!count) count = whole(other);
    if (count) count = std::min(*count, max);
    return count;
}

Count reasoning_of(Element details) {
    return count_of(
        json::member(details, "reasoning_tokens"), json::member(details, "thinking_tokens")
    );
}

// Reasoning tokens: in the details of the completion, or beside the counts.
std::int64_t reasoning_in(Element usage) {
    for (const char* details : {"completion_tokens_details", "output_tokens_details"}) {
        if (const auto found = json::member(usage, details)) {
            return reasoning_of(*found).value_or(0);
        }
    }
    return reasoning_of(usage).value_or(0);
}

// The usage from the given counts; nothing if the reasoning count is negative.
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

// A negative count makes the whole usage void, because a sum of tokens or costs must never shrink.
std::optional<Usage> usage_in(Element holder) {
    auto usage = json::member(holder, "usage");
    if (!usage) {
        const auto groq = json::member(holder, "x_groq");
        usage = groq ? json::member(*groq, "usage") : std::nullopt;
    }
    if (!usage) return std::nullopt;
    static constexpr std::array<std::string_view, 6> names{
        "prompt_tokens",
        "input_tokens",
        "completion_tokens",
        "output_tokens",
        "total_tokens",
        "total",
    };
    const auto counts = json::members(*usage, names);
    const auto input = count_of(counts[0], counts[1]);
    const auto output = count_of(counts[2], counts[3]);
    const auto total = count_of(counts[4], counts[5]);
    const bool is_sane =
        input.value_or(0) >= 0 && output.value_or(0) >= 0 && total.value_or(0) >= 0;
    if (!is_sane || (!input && !output && !total)) return std::nullopt;
    return usage_of(*usage, input, output, total);
}

}  // namespace skein
