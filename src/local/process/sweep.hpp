#pragma once
#include <cstddef>
#include <string>

namespace skein::local {

// What there was to clear up.
struct Swept {
    std::size_t folders = 0;
    std::size_t workers = 0;  // Processes that were still alive, and killed.
};

// Clears up after runs that were not able to: the folders in `runs` whose owner is dead. A process
// is killed only if its number and its start are those written down, never by its name.
Swept sweep(const std::string& runs);

}  // namespace skein::local
