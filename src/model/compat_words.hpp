// The words of `compat`: in which points a server differs from OpenAI's API.
#pragma once
#include <skein/settings.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace skein {

namespace compat {

inline constexpr std::string_view max_tokens = "max_tokens";
inline constexpr std::string_view max_completion_tokens = "max_completion_tokens";
inline constexpr std::string_view no_stream_options = "no_stream_options";
inline constexpr std::string_view random_seed = "random_seed";
inline constexpr std::string_view null_finish_reason = "null_finish_reason";
inline constexpr std::string_view router = "router";

}  // namespace compat

// In the order in which messages name them.
inline constexpr std::array<std::string_view, 6> compat_words{
    compat::max_tokens,
    compat::max_completion_tokens,
    compat::no_stream_options,
    compat::random_seed,
    compat::null_finish_reason,
    compat::router,
};

inline bool is_compat(const Endpoint& endpoint, std::string_view word) {
    return std::ranges::find(endpoint.compat, word) != endpoint.compat.end();
}

}  // namespace skein
