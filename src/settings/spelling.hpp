// "Did you mean …?"
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace skein::config {

// Letters to insert, take out, replace, or swap with their neighbour to get from one to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word that was probably meant; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// `; did you mean 'x'?`, or `; it can be: a, b, c` if none is near.
std::string advice(std::string_view word, std::span<const std::string_view> known);

}  // namespace skein::config
