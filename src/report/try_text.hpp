// A row that was tried, as a person reads it.
#pragma once
#include <skein/run.hpp>

#include <string>

namespace skein::app {

// The prompt, and below it the answer or the fault; ends with a blank line. Foreign text is
// indented and made harmless, and cut where it is very long.
std::string trial_text(const Trial& trial);

}  // namespace skein::app
