// The prices of a job's endpoints that stand in a file of prices.
#pragma once
#include "config/keys.hpp"

namespace skein::config {

// Gives each endpoint the prices that `prices` of the job has for its model, by exact name: the
// model, or the model behind the prefix of the API (`anthropic/M`) or of `price_as`. What the job
// says itself wins. An endpoint that is not found gets a warning; with `max_cost` it is an error,
// because its answers would count as free. Called after all keys were read.
void give_prices(const Node& root, Draft& draft);

}  // namespace skein::config
