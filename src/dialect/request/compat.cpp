#include "dialect/request/compat.hpp"

#include "dialect/request/body.hpp"
#include "json/members.hpp"
#include "model/compat_words.hpp"

#include <array>

namespace skein {
namespace {

constexpr std::string_view nothing = "null";

// The body with the member `from` under the name `to`. If both are given, `to` counts, unless it is
// null: a null says nothing.
std::string renamed(const std::string& body, std::string_view from, std::string_view to) {
    bool has_to = false;
    json::for_each_member(body, [&](std::string_view key, std::string_view value) {
        has_to = has_to || (key == to && value != nothing);
    });
    std::string other = "{";
    json::for_each_member(body, [&](std::string_view key, std::string_view value) {
        if (key == (has_to ? from : to)) return;
        if (key == from && value == nothing) return;
        append_member(other, key == from ? to : key, value);
    });
    return other += '}';
}

// The name of the limit of tokens. Completions know one name only.
std::string_view name_of_limit(const Endpoint& endpoint, Operation operation) {
    const bool is_new = is_compat(endpoint, compat::max_completion_tokens);
    if (operation == Operation::chat && is_new) return compat::max_completion_tokens;
    return is_compat(endpoint, compat::max_tokens) ? compat::max_tokens : std::string_view{};
}

}  // namespace

std::string compatible_body(const Endpoint& endpoint, Operation operation, std::string body) {
    if (operation != Operation::chat && operation != Operation::completion) return body;
    if (const auto limit = name_of_limit(endpoint, operation); !limit.empty()) {
        const bool is_new = limit == compat::max_completion_tokens;
        body = renamed(body, is_new ? compat::max_tokens : compat::max_completion_tokens, limit);
    }
    if (is_compat(endpoint, compat::random_seed)) body = renamed(body, "seed", "random_seed");
    if (is_compat(endpoint, compat::no_stream_options)) {
        const std::array<std::string, 1> left_out{"stream_options"};
        body = without_members(body, left_out);
    }
    return body;
}

}  // namespace skein
