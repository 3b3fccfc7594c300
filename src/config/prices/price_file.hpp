// Reads a file of prices in the form of litellm's map: one object, name → entry, whose numbers are
// of one token.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// What an entry says, of a million tokens.
struct PriceEntry {
    Prices prices{};
    std::vector<PriceRule> rules{};  // As `Endpoint::price_rules` takes them.
    // Members with prices that are not read: `tiered_pricing`.
    std::vector<std::string> not_read{};
    // Why the entry has no prices for us; empty if it has.
    std::string why_not{};
};

using PriceEntries = std::map<std::string, PriceEntry, std::less<>>;

// Reads the text of the file, which may be 16 MiB at most. An error names the file and the reason.
std::optional<ConfigError> read_price_file(const std::string& file, std::string& into);

// The entries with these names, as far as they are there. All others are not looked at. An error
// names the file and the entry.
Expected<PriceEntries, ConfigError> price_entries(
    std::string_view text, const std::string& file, const std::set<std::string>& names
);

}  // namespace skein::config
