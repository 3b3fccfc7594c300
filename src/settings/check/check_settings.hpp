// The rules that settings must keep, for a job file and for a program alike.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <vector>

namespace skein {

// Nothing if the settings can be run. Otherwise the first thing that cannot be: `where` is the
// name of the setting, like `timeouts.connect` or `endpoints[0].url`. Looks whether a CA file is
// there, and reads nothing. No key and no header value is repeated.
std::optional<ConfigError> check_settings(const Settings& settings);

// The same, with everything that cannot be run.
std::vector<ConfigError> all_wrong_settings(const Settings& settings);

}  // namespace skein
