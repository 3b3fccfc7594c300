#include "dialect/raw_map/raw_map.hpp"

#include <algorithm>
#include <array>

namespace skein::mapped {

const Pointer* RequestPlaces::place_of(std::string_view member) const {
    const auto at =
        std::ranges::find_if(copied, [&](const auto& pair) { return pair.first == member; });
    return at == copied.end() ? nullptr : &at->second;
}

bool Sign::holds_for(json::Element root) const {
    if (!pointer) return false;
    const auto value = value_at(root, *pointer);
    return value && json::one_line(*value) == equals;
}

std::string_view RawMap::reason_for(std::string_view word) const {
    const auto at =
        std::ranges::find_if(finish_words, [&](const auto& pair) { return pair.first == word; });
    return at == finish_words.end() ? word : std::string_view{at->second};
}

// A few endpoints at most are of this API, and a map is about a kilobyte of text: comparing is
// cheaper than compiling. The oldest map goes first.
std::shared_ptr<const RawMap> map_of(const std::string& text) {
    struct Kept {
        std::string text{};
        std::shared_ptr<const RawMap> map{};
    };
    constexpr std::size_t most = 16;
    thread_local std::vector<Kept> kept;
    const auto known = std::ranges::find(kept, text, &Kept::text);
    if (known != kept.end()) return known->map;
    if (kept.size() == most) kept.erase(kept.begin());
    std::vector<RawMistake> mistakes;
    kept.push_back({text, std::make_shared<const RawMap>(compile(text, mistakes))});
    return kept.back().map;
}

}  // namespace skein::mapped
