// Counters as JSON.
#pragma once
#include <skein/run.hpp>
#include <skein/tally.hpp>

#include <string>

namespace skein::capi {

std::string tally_json(const Tally& tally);
std::string progress_json(const Progress& progress);

}  // namespace skein::capi
