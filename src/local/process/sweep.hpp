#pragma once
#include <cstddef>
#include <string>

namespace skein::local {

// The result of a sweep.
struct Swept {
    std::size_t folders = 0;
    std::size_t workers = 0;  // Orphaned engines that were still alive and are killed now.
};

// Cleans up after crashed runs: removes the folders in `runs` whose owner is dead and kills their
// orphaned workers. A process is killed only if its pid and its start time match the record, never
// by its name.
Swept sweep(const std::string& runs);

}  // namespace skein::local
