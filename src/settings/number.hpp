// Parses numbers of a job file: decimal digits only. `010`, `1_000` and `0x10` are refused, because
// their meaning differs between tools.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// A closed range: both ends are allowed.
struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = 0;

    bool holds(std::uint64_t value) const { return min <= value && value <= max; }

    // "a whole number from 1 to 100"
    std::string text() const;
};

// Empty if `text` is not a whole number, or does not fit into 64 bits.
std::optional<std::uint64_t> parse_whole(std::string_view text);

// The same with an optional fraction: `0.5`, `12`.
std::optional<double> parse_decimal(std::string_view text);

// A size in bytes: `4096`, `256kB` (1000), `64MiB` (1024 · 1024) and so on. Empty if it is no size.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace skein::config
