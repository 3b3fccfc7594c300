#pragma once
#include "job/journal/failure_groups.hpp"

#include <skein/tally.hpp>

#include <string_view>

namespace skein::job {

// Adds the tokens and the cost of an output line. Reads only the end of the line, which skein wrote
// itself, so that text inside an answer cannot be mistaken for it.
void add_spent(Spent& spent, std::string_view out);

// Adds an output line with a fault to its group. A line that cannot be parsed is counted in
// `others`.
void add_failed_line(FailureGroups& groups, std::string_view out);

}  // namespace skein::job
