#include "dialect/anthropic/token_counts.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <limits>

namespace skein {
namespace {

// A larger count is noise, and sums of such counts would overflow.
constexpr std::int64_t max_count = std::numeric_limits<std::int64_t>::max() / 16;
constexpr std::size_t max_tier = 60;  // Bytes. A longer word is no tier.

void learn_count(std::optional<std::int64_t>& known, json::Element given, std::string_view name) {
    const auto count = json::whole_member(given, name);
    if (count && *count >= 0) known = std::min(*count, max_count);
}

void append_count(std::string& out, std::string_view name, std::optional<std::int64_t> count) {
    if (!count) return;
    if (out.back() != '{') out += ',';
    out.append("\"").append(name).append("\":");
    json::append_number(out, *count);
}

}  // namespace

void TokenCounts::learn(json::Element holder) {
    const auto usage = json::member(holder, "usage");
    if (!usage) return;
    learn_count(input_, *usage, "input_tokens");
    learn_count(cache_written_, *usage, "cache_creation_input_tokens");
    learn_count(cache_read_, *usage, "cache_read_input_tokens");
    learn_count(output_, *usage, "output_tokens");
    const auto details = json::member(*usage, "output_tokens_details");
    if (details) learn_count(thinking_, *details, "thinking_tokens");
    const auto written = json::member(*usage, "cache_creation");
    if (written) learn_count(cache_written_1h_, *written, "ephemeral_1h_input_tokens");
    const auto tier = json::text_or_empty(*usage, "service_tier");
    if (!tier.empty() && tier.size() <= max_tier) tier_ = tier;
}

void TokenCounts::append_usage(std::string& out) const {
    if (!tier_.empty()) {
        out += R"(,"service_tier":)";
        json::append_string(out, tier_);
    }
    Count prompt;
    for (const auto& part : {input_, cache_written_, cache_read_}) {
        if (part) prompt = prompt.value_or(0) + *part;
    }
    if (!prompt && !output_) return;
    out += R"(,"usage":{)";
    append_count(out, "prompt_tokens", prompt);
    append_count(out, "completion_tokens", output_);
    if (prompt && output_) append_count(out, "total_tokens", *prompt + *output_);
    if (cache_read_ || cache_written_) {
        out += R"(,"prompt_tokens_details":{)";
        append_count(out, "cached_tokens", cache_read_);
        append_count(out, "cache_write_tokens", cache_written_);
        if (cache_written_1h_ != 0) append_count(out, "cache_write_1h_tokens", cache_written_1h_);
        out += '}';
    }
    if (thinking_) {
        out += R"(,"completion_tokens_details":{)";
        append_count(out, "reasoning_tokens", thinking_);
        out += '}';
    }
    out += '}';
}

}  // namespace skein
