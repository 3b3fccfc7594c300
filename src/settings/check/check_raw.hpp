// The check of the map of an endpoint whose API is described by it (`Endpoint::raw`).
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <string>
#include <vector>

namespace skein::config {

// Adds what is wrong with it. `at` is the prefix of the endpoint in messages: `endpoints[2].`.
void check_raw(const Endpoint& endpoint, const std::string& at, std::vector<ConfigError>& wrong);

}  // namespace skein::config
