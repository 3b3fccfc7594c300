// Validation of a whole Settings, shared by the job file and the library.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <vector>

namespace skein {

// The first error in the settings; empty if they are valid. `where` is the name of the setting,
// such as `timeouts.connect` or `endpoints[0].url`. Looks whether files and programs exist and
// reads proxy variables, but opens no file. Messages contain no key and no header value.
std::optional<ConfigError> check_settings(const Settings& settings);

// All errors in the settings, in the order of the checks.
std::vector<ConfigError> all_wrong_settings(const Settings& settings);

}  // namespace skein
