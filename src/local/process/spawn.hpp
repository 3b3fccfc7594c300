// Starts a keeper: a child process with a control socket and a pipe for the log of its engine.
#pragma once
#include "local/process/descriptor.hpp"
#include "local/process/keeper_program.hpp"
#include "local/process/proc_stat.hpp"

#include <string>
#include <vector>

namespace skein::local {

// The command of an engine.
struct Command {
    std::vector<std::string> arguments;    // The program first, found by PATH in `environment`.
    std::vector<std::string> environment;  // `NAME=value`, complete; nothing is inherited.
    std::string folder;                    // Working folder; empty: our own.
};

struct Spawned {
    Identity identity;
    Descriptor process;  // A pidfd, readable when the keeper has ended. The caller must reap it.
    Descriptor control;  // See shim/protocol.hpp.
    Descriptor log;      // Non-blocking.
    int error = 0;       // An errno if there is no keeper.
};

// Blocks until the keeper runs, about a millisecond. Copies no page tables (posix_spawn), so that
// the time does not depend on our memory.
Spawned spawn(KeeperProgram& program, const Command& command);

// Duplicates a low descriptor to one above those that the shim reserves (3 and 4), close-on-exec.
Descriptor out_of_the_way(Descriptor descriptor);

}  // namespace skein::local
