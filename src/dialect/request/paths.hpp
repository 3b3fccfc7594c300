// Paths of OpenAI's API and their operations.
#pragma once
#include "model/api_path.hpp"
#include "model/operation.hpp"

#include <skein/error.hpp>

#include <string_view>

namespace skein {

// Operation of a path, whatever version, gateway or deployment the path begins with:
// `/openai/deployments/x/chat/completions?api-version=1` is a chat.
Operation operation_of(std::string_view path);

// The usual path of a known operation: `/v1/chat/completions`. Empty for `other`.
std::string_view usual_path_of(Operation operation);

// Is the answer binary (`/v1/audio/speech`), so that an output line cannot hold it?
bool answers_with_bytes(std::string_view path);

// Is the segment a version, such as `v4`?
bool names_version(std::string_view segment);
// Does the path contain a version segment?
bool has_version(std::string_view path);

// Normalises the path of a row for sending. A path of a known operation without a version, or with
// v1, becomes the usual path of the operation; any other path stays, with a leading slash. A path
// with a host or with `..` is an error, because only the job file names hosts. The error has no
// position.
Expected<ApiPath, ConfigError> read_path(std::string_view given);

}  // namespace skein
