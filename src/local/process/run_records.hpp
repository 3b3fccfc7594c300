// What stands in a run folder: who owns it, and the processes of each worker.
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
    std::string boot;  // The start of the system: numbers and times mean nothing after another.

    friend bool operator==(const Owner&, const Owner&) = default;
};

struct WorkerRecord {
    Identity keeper;
    Identity engine;
};

// `pool-4711-0`
std::string pool_name(pid_t owner, int number);
// Nothing: this is no name of a pool's folder.
std::optional<pid_t> owner_in(std::string_view pool_name);

Owner this_process();

// Writes down that the folder is ours. What is returned keeps it locked; not open: an errno says
// why not.
Descriptor write_owner(const std::string& folder);
std::optional<Owner> read_owner(const std::string& folder);

// What cannot be written is not there after a crash, and the keepers see to it all the same.
void write_worker(const std::string& folder, const std::string& name, const WorkerRecord& worker);
void remove_worker(const std::string& folder, const std::string& name);
std::vector<WorkerRecord> read_workers(const std::string& folder);

// Where the owner's lock is.
std::string owner_file(const std::string& folder);

}  // namespace skein::local
