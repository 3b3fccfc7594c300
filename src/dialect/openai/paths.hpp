// What a server with OpenAI's API can be asked, and where.
#pragma once
#include "model/api_path.hpp"

#include <skein/error.hpp>

#include <cstdint>
#include <string_view>

namespace skein {

// How a request and its answer are to be understood. `other`: not at all; the body goes out and the
// answer is given back as they come.
enum class Ask : std::uint8_t { chat, completion, embedding, other };

// What is asked at this path, whatever version, gateway or deployment it begins with:
// `/openai/deployments/x/chat/completions?api-version=1` is a chat.
Ask ask_of(std::string_view path);

// The usual path of what we understand: `/v1/chat/completions`. Empty for `other`.
std::string_view path_of(Ask ask);

// Is it an operation whose answer is no text (`/v1/audio/speech`)? An output line cannot hold it.
bool answers_with_bytes(std::string_view path);

// Does the path begin with a version, such as `/v4`? Then that is its first segment.
bool names_version(std::string_view segment);
// Does any segment of a path?
bool has_version(std::string_view path);

// The path as it is sent to an endpoint, below its address. One of a known operation that names no
// version, or v1, is its usual path; all others stay as they are, but begin with a slash. What has
// a host or leads upwards is refused: the job file says who is asked. The error has no place.
Expected<ApiPath, ConfigError> read_path(std::string_view given);

}  // namespace skein
