// Suggestions for misspelled words: "did you mean …?"
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace skein::config {

// The Damerau–Levenshtein distance (optimal string alignment): the number of insertions, deletions,
// replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The most similar known word; empty if no known word is similar.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// `; did you mean 'x'?`, or `; it can be: a, b, c` if no known word is similar.
std::string advice(std::string_view word, std::span<const std::string_view> known);

}  // namespace skein::config
