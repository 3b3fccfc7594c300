// The settings of a client, from the text that a program gives.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <string>
#include <vector>

namespace skein::config {

struct ClientSettings {
    Settings settings{};
    std::vector<std::string> warnings{};  // One line each.
};

// Reads the sections of a job file that say whom to ask and how. `version` may be left out, and a
// key may stand in the text, because a program keeps it in memory. The variables SKEIN_… of the
// environment set nothing here. Refuses what belongs to jobs alone, such as `input`. `name` takes
// the place of the file name in messages; relative paths are relative to the current folder.
Expected<ClientSettings, ConfigError> parse_client(
    const std::string& text, const std::string& name
);

}  // namespace skein::config
