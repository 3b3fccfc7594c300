/// Logging: a level and a callback. The library itself writes to no file and no stream.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

namespace skein {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// Called on any of skein's threads, at the same time on several: it must be thread-safe, and must
/// not block or throw. The text is one line without a line end and without secrets. It is valid
/// during the call only.
using LogFunction = std::function<void(LogLevel, std::string_view)>;

}  // namespace skein
