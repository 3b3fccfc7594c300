// The form of a body, by its first bytes: no server is believed what its content type says.
#pragma once
#include <cstdint>
#include <string_view>

namespace skein {

// Without the blank lines, spaces and byte order marks at the beginning, which servers send to keep
// a connection open.
std::string_view begun(std::string_view text);

enum class Look : std::uint8_t { too_early, stream, plain };

// `text` as `begun` gives it. An event stream begins with a comment or with one of its fields.
// `too_early`: these bytes are the beginning of one of them, so that more bytes must decide.
Look look_at(std::string_view text);

}  // namespace skein
