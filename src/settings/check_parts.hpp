// Checks that several parts of the settings share. `setting` is the setting's name, for messages:
// `timeouts.connect`. Each check returns nothing if the value is valid.
#pragma once
#include "settings/number.hpp"
#include "settings/place.hpp"

#include <skein/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skein::config {

// `connect` of `timeouts.connect`.
std::string last_part(std::string_view setting);

Complaint check_whole(const std::string& setting, std::int64_t value, Range range);
Complaint check_whole(const std::string& setting, std::size_t value, Range range);
Complaint check_duration(const std::string& setting, Duration value);
// `whose` is for the message: `an endpoint`.
Complaint check_name(const std::string& setting, std::string_view name, std::string_view whose);
Complaint check_model(const std::string& setting, std::string_view model);

}  // namespace skein::config
