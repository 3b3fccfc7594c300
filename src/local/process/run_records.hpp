// Records in a run folder: the owning process, and the processes of each worker.
#pragma once
#include "local/process/descriptor.hpp"
#include "local/process/proc_stat.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::local {

struct Owner {
    Identity process;
    std::string boot;  // The boot id, because pids and start times are valid for one boot only.

    friend bool operator==(const Owner&, const Owner&) = default;
};

struct WorkerRecord {
    Identity keeper;
    Identity engine;
};

// `pool-4711-0`
std::string pool_name(pid_t owner, int number);
// The pid in the name of a pool's folder; nothing if it is no such name.
std::optional<pid_t> owner_in(std::string_view pool_name);

Owner this_process();

// Writes the owner file and locks it. The returned descriptor holds the lock; if it is not open,
// errno tells why.
Descriptor write_owner(const std::string& folder);
std::optional<Owner> read_owner(const std::string& folder);

// Errors of these functions are ignored, because the records are a second safety net: the keepers
// kill the workers after a crash in any case.
void write_worker(const std::string& folder, const std::string& name, const WorkerRecord& worker);
void remove_worker(const std::string& folder, const std::string& name);
std::vector<WorkerRecord> read_workers(const std::string& folder);

// The path of the owner file.
std::string owner_file(const std::string& folder);

}  // namespace skein::local
