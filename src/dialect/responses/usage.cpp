#include "dialect/responses/usage.hpp"

#include "json/object_text.hpp"

#include <algorithm>
#include <limits>

namespace skein::response {
namespace {

// A larger count is noise, and sums of such counts would overflow.
constexpr std::int64_t max_count = std::numeric_limits<std::int64_t>::max() / 4;

struct Name {
    std::string_view theirs;
    std::string_view ours;
};

// Returns whether there was a count.
bool add_count(std::string& out, json::Element counts, Name name) {
    const auto count = json::whole_member(counts, name.theirs);
    if (!count || *count < 0) return false;
    json::add_number(out, name.ours, std::min(*count, max_count));
    return true;
}

void add_details(
    std::string& out, json::Element counts, Name name, std::initializer_list<Name> parts
) {
    const auto given = json::member(counts, name.theirs);
    if (!given) return;
    std::string details = "{";
    for (const auto& part : parts) add_count(details, *given, part);
    if (details == "{") return;
    json::add_name(out, name.ours);
    out.append(details).append("}");
}

}  // namespace

void add_usage(std::string& out, json::Element response) {
    const auto counts = json::member(response, "usage");
    if (!counts) return;
    std::string usage = "{";
    const bool has_input = add_count(usage, *counts, {"input_tokens", "prompt_tokens"});
    const bool has_output = add_count(usage, *counts, {"output_tokens", "completion_tokens"});
    const bool has_total = add_count(usage, *counts, {"total_tokens", "total_tokens"});
    if (!has_input && !has_output && !has_total) return;
    add_details(
        usage,
        *counts,
        {"input_tokens_details", "prompt_tokens_details"},
        {{"cached_tokens", "cached_tokens"}, {"cache_write_tokens", "cache_write_tokens"}}
    );
    add_details(
        usage,
        *counts,
        {"output_tokens_details", "completion_tokens_details"},
        {{"reasoning_tokens", "reasoning_tokens"}}
    );
    json::add_name(out, "usage");
    out.append(usage).append("}");
}

}  // namespace skein::response
