// The command line, declared once: what the program parses, `--help` tells and shells complete.
#pragma once
#include "app/command.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skein::app {

class CommandLine {
public:
    CommandLine();
    // CLI11 keeps pointers to the members.
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    // An exit status if the program ends here: after help, the version, or wrong usage, which is
    // told on standard error. Nothing: `command()` is what was asked for.
    std::optional<int> parse(int argc, const char* const* argv);

    const Command& command() const { return command_; }
    // A crash may leave a core file, and debuggers may look in.
    bool allows_core() const { return allow_core_; }

    const CLI::App& declared() const { return app_; }

private:
    CLI::App* add(const char* name, const char* about, int (*call)(const Command&));
    void add_job(CLI::App& to);
    void add_what_may_be_there(CLI::App& to);
    void add_jobs();
    void add_makers_of_jobs();
    void add_facts();

    CLI::App app_;
    Command command_;
    std::vector<std::string> sets_;
    bool overwrite_ = false;
    bool allow_core_ = false;
};

}  // namespace skein::app
