// Reads one entry of a file of prices.
#pragma once
#include "config/prices/price_file.hpp"
#include "json/json.hpp"

namespace skein::config {

// The entry, or what is wrong with it, to follow its name.
//
// A name of a price is its kind (`input_cost_per_token`), and the condition that it holds for:
// `_above_200k_tokens`, `_flex`, `_priority`, `_batches`, or one of each. What a condition does not
// name costs what it costs without the condition. Reasoning costs what the answer costs, unless the
// same condition names its price.
Expected<PriceEntry, std::string> read_price_entry(json::Element entry);

}  // namespace skein::config
