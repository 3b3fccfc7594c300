// Validation of the local pool's settings.
#pragma once
#include "settings/place.hpp"

#include <skein/settings.hpp>

namespace skein::config {

// The first complaint about the local pool; nothing if it is valid or there is none.
Complaint check_local(const Settings& settings);

}  // namespace skein::config
