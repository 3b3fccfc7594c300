// Numbers as a job file may write them: digits alone, so that nobody has to guess what `010`,
// `1_000` or `0x10` mean.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::config {

// Both ends belong to it.
struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = 0;

    bool holds(std::uint64_t value) const { return least <= value && value <= most; }

    // "a whole number from 1 to 100"
    std::string text() const;
};

// Nothing if `text` is not a whole number, or does not fit.
std::optional<std::uint64_t> parse_whole(std::string_view text);

// The same with an optional fraction: `0.5`, `12`.
std::optional<double> parse_decimal(std::string_view text);

// Bytes: `4096`, `256kB` (1000), `64MiB` (1024 · 1024) and so on. Nothing if it is not a size.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace skein::config
