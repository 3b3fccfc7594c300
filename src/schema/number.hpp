// Numbers of JSON by their value: `1` is `1.0`.
#pragma once
#include "json/json.hpp"

#include <limits>
#include <optional>
#include <string>

namespace skein::schema {

// Holds every double and every whole number of 64 bits exactly.
using Number = long double;
static_assert(std::numeric_limits<Number>::digits >= 64);

// Empty if the value is no number.
std::optional<Number> number_in(json::Element value);

bool is_whole(Number number);

// Is `number` a multiple of `step`, both as the decimal numbers that they are written as? So 0.0075
// is one of 0.0001, which a division of doubles denies. `step` is above 0.
bool is_multiple(Number number, Number step);

// The shortest text that reads back as the same number.
void append_number(std::string& out, Number number);

}  // namespace skein::schema
