// Completion of the command line by shells.
#pragma once
#include "app/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace skein::app {

// What a shell has to know of a command.
struct CommandWords {
    struct Option {
        std::vector<std::string> names{};  // `-o`, `--output`
        std::string about{};
        bool takes_value = false;
    };
    std::string name{};
    std::string about{};
    std::vector<Option> options{};
    std::vector<std::string> words{};  // For its first argument.
    bool takes_files = false;          // For its arguments.
};
std::vector<CommandWords> words_of(const CLI::App& declared);

// The keys that `--set` can set, in the order of the schema: `limits.in_flight`.
std::vector<std::string> keys_of(std::string_view job_schema);

// The script for `bash`, `zsh` or `fish`.
std::string completion_script(
    std::string_view shell,
    const std::vector<CommandWords>& commands,
    const std::vector<std::string>& keys
);

}  // namespace skein::app
