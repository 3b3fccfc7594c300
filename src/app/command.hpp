// The commands of the program, their options, and the exit status.
#pragma once
#include "app/terminal.hpp"

#include <skein/job.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace skein::app {

enum ExitCode : int {
    all_completed = 0,
    some_failed = 1,
    wrong_usage = 2,
    stopped_by_policy = 3,
    local_failure = 4,
    killed = 128,  // Plus the number of the signal.
};

struct Command {
    int (*call)(const Command&) = nullptr;  // What does it.
    std::string job_file;
    std::vector<Override> overrides;
    bool retry_failed = false;
    std::vector<std::string> retry;
    bool allow_gone = false;
    std::uint64_t rows = 3;  // Rows of `skein try`.
    bool quiet = false;
    bool verbose = false;
    bool asks = false;        // `check --ask`
    std::string endpoint{};   // Of `skein models`; empty: all.
    bool as_json = false;     // Of `skein models`.
    std::string import_to{};  // Of `skein import`; empty: standard output.
    std::string kind{};       // Of `skein init`: a kind, or the file of the rows.
    std::string rows_file{};  // Of `skein init`, beside a kind.
    std::string init_to = "job.yaml";
    std::string model{};  // Of `skein import`: the `model_name`; empty: the first.
    std::string shell{};  // Of `skein completion`.
};

// Each returns the exit status.
int run_command(const Command& command);
int try_command(const Command& command);
int check_command(const Command& command);
int models_command(const Command& command);
int import_command(const Command& command);
int init_command(const Command& command);
int schema_command(const Command& command);
int devices_command(const Command& command);
int completion_command(const Command& command);

}  // namespace skein::app
