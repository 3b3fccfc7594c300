#pragma once
#include <skein/tally.hpp>

#include <string>

namespace skein::app {

// The tally as a person reads it: a few lines, each with a line end. `headline` begins the first.
std::string report_text(const std::string& headline, const Tally& tally);

}  // namespace skein::app
