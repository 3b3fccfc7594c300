// The steps that follow the reading of single keys, for a job and for the settings of a client.
#pragma once
#include "config/keys.hpp"

#include <skein/error.hpp>

#include <vector>

namespace skein::config {

// Gives the proxy of the top level to all endpoints without a `proxy` of their own.
void give_proxy_to_all(const Node& root, Draft& draft);

// Warns of endpoints without a price, because their answers do not count against `max_cost`.
void warn_of_free_endpoints(Job& job);

// Adds errors of settings at their places in the file. A value that already has an error gets no
// second one.
void add_placed(
    const Node& root,
    const Draft& draft,
    std::vector<ConfigError> wrong_settings,
    Mistakes& mistakes
);

}  // namespace skein::config
