// The check of what answers must satisfy.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <vector>

namespace skein::config {

// Adds what is wrong with it.
void check_expect(const Expect& expect, std::vector<ConfigError>& wrong);

}  // namespace skein::config
