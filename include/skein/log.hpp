/// The log seam: a level and a function. skein itself writes nowhere.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

namespace skein {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// Called on any of skein's threads, one call at a time per thread; must not block or throw. The
/// text is one line without a line end, holds no secrets, and lives for the call only.
using LogFunction = std::function<void(LogLevel, std::string_view)>;

}  // namespace skein
