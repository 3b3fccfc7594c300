#pragma once
#include "job/journal/failure_groups.hpp"

#include <skein/tally.hpp>

#include <string_view>

namespace skein::job {

// Adds the tokens and the cost that an output line tells in `skein`. A usage inside the answer or
// inside kept fields is not counted. Most lines end with theirs and are not parsed.
void add_spent(Spent& spent, std::string_view out);

// Adds an output line with a fault to its group. A line that cannot be parsed is counted in
// `others`.
void add_failed_line(FailureGroups& groups, std::string_view out);

}  // namespace skein::job
