#include "config/mistakes.hpp"

#include "settings/number.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

namespace skein::config {
namespace {

constexpr std::size_t max_mistakes = 20;

using Spot = std::pair<std::uint64_t, std::uint64_t>;

// Line and column of an error in the file; after all others if it has no position there.
Spot spot_of(const ConfigError& error, const std::string& name) {
    constexpr Spot outside{~std::uint64_t{0}, 0};
    std::string_view where = error.where;
    if (!where.starts_with(name + ':')) return outside;
    where.remove_prefix(name.size() + 1);
    const auto colon = std::min(where.find(':'), where.size());
    const auto line = parse_whole(where.substr(0, colon));
    const auto column = parse_whole(where.substr(std::min(colon + 1, where.size())));
    return line && column ? Spot{*line, *column} : outside;
}

}  // namespace

ConfigError all_in_one(Mistakes mistakes, const std::string& name) {
    std::ranges::stable_sort(mistakes, {}, [&](const ConfigError& e) { return spot_of(e, name); });
    if (mistakes.size() > max_mistakes) {
        const auto more = mistakes.size() - max_mistakes;
        mistakes.resize(max_mistakes);
        mistakes.push_back({.where = name, .what = "and " + std::to_string(more) + " more"});
    }
    auto all = std::move(mistakes.front());
    all.others.assign(
        std::make_move_iterator(mistakes.begin() + 1), std::make_move_iterator(mistakes.end())
    );
    return all;
}

}  // namespace skein::config
