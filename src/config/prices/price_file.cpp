// Reads a file of prices. Invariant: the file is foreign: its size, the kinds of prices of an entry
// and each number are bounded, and only the entries that were asked for are read. Runs on the
// thread of the caller of `load_job`.
#include "config/prices/price_file.hpp"

#include "config/prices/price_entry.hpp"
#include "json/json.hpp"
#include "json/text.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace skein::config {
namespace {

constexpr std::size_t max_file = 16 * 1024 * 1024;

ConfigError unreadable(const std::string& file, std::string why) {
    return {json::printable(file, 200), "the file of prices cannot be read: " + std::move(why)};
}

}  // namespace

std::optional<ConfigError> read_price_file(const std::string& file, std::string& into) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return unreadable(file, "it is a folder");
    errno = 0;
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return unreadable(file, std::strerror(errno));
    // In blocks, because most files are far smaller than the most that is allowed.
    into.clear();
    std::string block(64 * 1024, '\0');
    while (stream && into.size() <= max_file) {
        stream.read(block.data(), static_cast<std::streamsize>(block.size()));
        into.append(block, 0, static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) return unreadable(file, std::strerror(errno));
    if (into.size() > max_file) return unreadable(file, "it is larger than 16 MiB");
    return std::nullopt;
}

Expected<PriceEntries, ConfigError> price_entries(
    std::string_view text, const std::string& file, const std::set<std::string>& names
) {
    const auto where = json::printable(file, 200);
    json::Element root;
    simdjson::dom::object entries;
    if (const auto error = json::parse(text).get(root)) {
        return ConfigError{where, "the file of prices is no JSON, because " + json::why_not(error)};
    }
    if (root.get(entries)) {
        return ConfigError{where, "the file of prices must be one JSON object, name to entry"};
    }
    PriceEntries found;
    for (const auto& [key, value] : entries) {
        const std::string name{key};
        // Its members are sentences that explain the file.
        if (name == "sample_spec" || !names.contains(name)) continue;
        const auto entry = "entry `" + json::printable(name, 100) + "`";
        if (found.contains(name)) return ConfigError{where, entry + " is there twice; keep one"};
        auto read = read_price_entry(value);
        if (!read) return ConfigError{where, entry + ": " + read.error()};
        found.emplace(name, *std::move(read));
    }
    return found;
}

}  // namespace skein::config
