// Starts keepers: a child of ours, with a socket to speak to it and what the engine below it
// writes.
#pragma once
#include "local/process/descriptor.hpp"
#include "local/process/keeper_program.hpp"
#include "local/process/proc_stat.hpp"

#include <string>
#include <vector>

namespace skein::local {

// What is to run.
struct Command {
    std::vector<std::string> arguments;    // The program first; looked for in the PATH below.
    std::vector<std::string> environment;  // `NAME=value`: all of it, nothing is inherited.
    std::string folder;                    // Where it runs; empty: where we do.
};

struct Spawned {
    Identity identity;
    Descriptor process;  // Readable when the keeper has ended. It is ours to bury.
    Descriptor control;  // See shim/protocol.hpp.
    Descriptor log;      // Never blocks.
    int error = 0;       // An errno: there is no keeper.
};

// The calling thread waits until the keeper runs: about a millisecond. Copies no memory, however
// much we have.
Spawned spawn(KeeperProgram& program, const Command& command);

// The same file under a number that no keeper knows by heart, closed on exec.
Descriptor out_of_the_way(Descriptor descriptor);

}  // namespace skein::local
