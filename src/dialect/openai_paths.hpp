// What OpenAI's API can be asked, and where.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace skein {

enum class Ask : std::uint8_t { chat, completion, embedding };

inline std::optional<Ask> ask_of(std::string_view path) {
    if (path == "/v1/chat/completions") return Ask::chat;
    if (path == "/v1/completions") return Ask::completion;
    if (path == "/v1/embeddings") return Ask::embedding;
    return std::nullopt;
}

}  // namespace skein
