#pragma once
#include "job/journal/failure_groups.hpp"

#include <skein/tally.hpp>

#include <string_view>

namespace skein::job {

// Adds what an output line says of its tokens and its cost: the line's own end, so that nothing an
// answer holds can be taken for it.
void add_spent(Spent& spent, std::string_view out);

// Adds an output line that holds a fault. What cannot be read is counted with the others.
void add_failed_line(FailureGroups& groups, std::string_view out);

}  // namespace skein::job
