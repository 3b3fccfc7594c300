// The rules of the local pool's settings.
#pragma once
#include "settings/place.hpp"

#include <skein/settings.hpp>

namespace skein::config {

// What is wrong with the local pool; nothing, if all is well or there is none.
Complaint check_local(const Settings& settings);

}  // namespace skein::config
