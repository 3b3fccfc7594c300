// The output of `skein try` for one row.
#pragma once
#include <skein/run.hpp>

#include <string>

namespace skein::report {

// The prompt and below it the answer or the fault; ends with a blank line. Foreign text is
// indented, made harmless, and cut if it is longer than 16 KiB.
std::string trial_text(const Trial& trial);

}  // namespace skein::report
