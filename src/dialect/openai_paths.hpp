// What OpenAI's API can be asked, and where.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace skein {

enum class Ask : std::uint8_t { chat, completion, embedding };

inline constexpr std::array<std::pair<Ask, std::string_view>, 3> paths{{
    {Ask::chat, "/v1/chat/completions"},
    {Ask::completion, "/v1/completions"},
    {Ask::embedding, "/v1/embeddings"},
}};

inline std::optional<Ask> ask_of(std::string_view path) {
    for (const auto& [ask, known] : paths) {
        if (path == known) return ask;
    }
    return std::nullopt;
}

inline std::string_view path_of(Ask ask) {
    for (const auto& [known, path] : paths) {
        if (ask == known) return path;
    }
    return {};
}

}  // namespace skein
