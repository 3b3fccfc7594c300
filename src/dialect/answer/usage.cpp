// Reads the count of tokens from an answer in the common form, by the names that its servers use.
// Invariant: each count is from 0 to `max`, and a part is never larger than its whole, because
// costs and limits are sums of these counts. Pure; any thread.
#include "dialect/answer/usage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace skein {
namespace {

using json::Element;
using Count = std::optional<std::int64_t>;

// A larger count is noise, and sums of such counts would overflow.
constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max() / 4;
constexpr double max_cost = 1e12;

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

// A part that is negative or absurd counts as not said.
Count part_of(const std::optional<Element>& member) {
    const auto count = whole(member);
    return count && *count >= 0 && *count <= max ? count : std::nullopt;
}

Count part_in(const std::optional<Element>& holder, std::string_view name) {
    return holder ? part_of(json::member(*holder, name)) : std::nullopt;
}

// The first count that was said.
std::int64_t first_of(std::initializer_list<Count> counts) {
    for (const auto& count : counts) {
        if (count) return *count;
    }
    return 0;
}

// The members of a usage, found in one pass.
struct Members {
    enum Name : std::uint8_t {
        prompt_tokens,
        input_tokens,
        completion_tokens,
        output_tokens,
        total_tokens,
        total,
        prompt_details,
        input_details,
        prompt_detail,
        completion_details,
        output_details,
        reasoning,
        num_cached,
        cache_hit,
        cached,
        cache_read,
        cache_creation,
        creation_parts,
        cost,
        inner,
        bedrock_input,
        bedrock_output,
        bedrock_read,
        bedrock_written,
        count
    };

    static constexpr std::array<std::string_view, count> names{
        "prompt_tokens",
        "input_tokens",
        "completion_tokens",
        "output_tokens",
        "total_tokens",
        "total",
        "prompt_tokens_details",
        "input_tokens_details",
        "prompt_token_details",  // Mistral spells it so.
        "completion_tokens_details",
        "output_tokens_details",
        "reasoning_tokens",         // SGLang.
        "num_cached_tokens",        // Mistral.
        "prompt_cache_hit_tokens",  // DeepSeek.
        "cached_tokens",            // Cohere, Moonshot.
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "cost",    // OpenRouter.
        "tokens",  // Cohere.
        "inputTokens",
        "outputTokens",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
    };

    std::array<std::optional<Element>, count> found;

    explicit Members(Element usage) : found{json::members(usage, names)} {}
    const std::optional<Element>& operator[](Name name) const { return found[name]; }
};

// The four counts that the sums are made of.
struct Sums {
    Count input;
    Count output;
    Count total;

    // A negative count makes the whole usage void, because a sum of tokens must never shrink.
    bool are_sane() const {
        return input.value_or(0) >= 0 && output.value_or(0) >= 0 && total.value_or(0) >= 0 &&
               (input || output || total);
    }
};

Sums sums_in(const Members& given) {
    Sums sums{
        count_of(given[Members::prompt_tokens], given[Members::input_tokens]),
        count_of(given[Members::completion_tokens], given[Members::output_tokens]),
        count_of(given[Members::total_tokens], given[Members::total])};
    if (!sums.input) sums.input = count_of(given[Members::bedrock_input], std::nullopt);
    if (!sums.output) sums.output = count_of(given[Members::bedrock_output], std::nullopt);
    if (given[Members::inner] && !sums.input && !sums.output) {
        const auto& tokens = *given[Members::inner];
        sums.input = count_of(json::member(tokens, "input_tokens"), std::nullopt);
        sums.output = count_of(json::member(tokens, "output_tokens"), std::nullopt);
    }
    return sums;
}

std::int64_t cached_in(const Members& given) {
    return first_of(
        {part_of(given[Members::num_cached]),
         part_in(given[Members::prompt_details], "cached_tokens"),
         part_in(given[Members::prompt_detail], "cached_tokens"),
         part_in(given[Members::input_details], "cached_tokens"),
         part_of(given[Members::cache_hit]),
         part_of(given[Members::cached]),
         part_of(given[Members::cache_read]),
         part_of(given[Members::bedrock_read])}
    );
}

std::int64_t written_in(const Members& given) {
    return first_of(
        {part_in(given[Members::prompt_details], "cache_write_tokens"),
         part_in(given[Members::input_details], "cache_write_tokens"),
         part_of(given[Members::cache_creation]),
         part_of(given[Members::bedrock_written])}
    );
}

// Anthropic and Bedrock count what the cache read and wrote beside the prompt. A proxy that answers
// in the common form may repeat their members; there they are within `prompt_tokens`.
bool counts_cache_beside(const Members& given) {
    if (given[Members::prompt_tokens]) return false;
    if (given[Members::bedrock_input]) return true;
    return given[Members::input_tokens] &&
           (given[Members::cache_read] || given[Members::cache_creation]);
}

// Input and output as all that was read and generated.
void derive(Usage& usage, const Sums& sums) {
    const auto input = sums.input.value_or(0);
    const auto output = sums.output.value_or(0);
    const auto& reasoning = usage.reasoning_tokens;
    usage.input_tokens = input;
    usage.output_tokens = output;
    if (!sums.total) {
        if (sums.output && reasoning > output) usage.output_tokens += reasoning;
        return;
    }
    if (!sums.input) {
        usage.input_tokens = std::max<std::int64_t>(*sums.total - output, 0);
        return;
    }
    usage.output_tokens = std::max(output, *sums.total - input);
    // xAI: more cached than prompt tokens are counted beside the prompt. The total may hold them.
    if (usage.cached_tokens <= input) return;
    const bool is_beside = reasoning > 0 && *sums.total == input + output + reasoning;
    const bool holds_cached = *sums.total >= input + usage.cached_tokens + output;
    if (!is_beside && !holds_cached) return;
    usage.input_tokens += usage.cached_tokens;
    if (!is_beside) usage.output_tokens = std::max(output, *sums.total - usage.input_tokens);
}

void clamp_to(std::int64_t& part, std::int64_t whole) {
    part = std::clamp<std::int64_t>(part, 0, std::max<std::int64_t>(whole, 0));
}

}  // namespace

Usage with_parts_inside(Usage usage) {
    clamp_to(usage.input_tokens, max);
    clamp_to(usage.output_tokens, max);
    clamp_to(usage.cached_tokens, usage.input_tokens);
    clamp_to(usage.cache_write_tokens, usage.input_tokens - usage.cached_tokens);
    clamp_to(usage.cache_write_1h_tokens, usage.cache_write_tokens);
    clamp_to(usage.reasoning_tokens, usage.output_tokens);
    if (usage.cost && !(*usage.cost >= 0 && *usage.cost <= max_cost)) usage.cost.reset();
    return usage;
}

std::optional<Usage> usage_in(Element holder) {
    auto found = json::member(holder, "usage");
    if (!found) {
        const auto groq = json::member(holder, "x_groq");
        found = groq ? json::member(*groq, "usage") : std::nullopt;
    }
    if (!found) return std::nullopt;
    const Members given{*found};
    auto sums = sums_in(given);
    if (!sums.are_sane()) return std::nullopt;
    Usage usage;
    usage.cached_tokens = cached_in(given);
    usage.cache_write_tokens = written_in(given);
    usage.cache_write_1h_tokens = first_of(
        {part_in(given[Members::prompt_details], "cache_write_1h_tokens"),
         part_in(given[Members::creation_parts], "ephemeral_1h_input_tokens")}
    );
    usage.reasoning_tokens = first_of(
        {part_in(given[Members::completion_details], "reasoning_tokens"),
         part_in(given[Members::output_details], "reasoning_tokens"),
         part_in(given[Members::output_details], "thinking_tokens"),
         part_of(given[Members::reasoning])}
    );
    if (counts_cache_beside(given)) {
        sums.input =
            std::min(sums.input.value_or(0) + usage.cached_tokens + usage.cache_write_tokens, max);
    }
    derive(usage, sums);
    double cost = 0;
    if (given[Members::cost] && !given[Members::cost]->get(cost)) usage.cost = cost;
    return with_parts_inside(usage);
}

Usage larger_of(const Usage& a, const Usage& b) {
    Usage usage{
        .input_tokens = std::max(a.input_tokens, b.input_tokens),
        .output_tokens = std::max(a.output_tokens, b.output_tokens),
        .cached_tokens = std::max(a.cached_tokens, b.cached_tokens),
        .cache_write_tokens = std::max(a.cache_write_tokens, b.cache_write_tokens),
        .cache_write_1h_tokens = std::max(a.cache_write_1h_tokens, b.cache_write_1h_tokens),
        .reasoning_tokens = std::max(a.reasoning_tokens, b.reasoning_tokens)};
    if (a.cost || b.cost) usage.cost = std::max(a.cost.value_or(0), b.cost.value_or(0));
    return with_parts_inside(usage);
}

}  // namespace skein
