#include "settings/place.hpp"

#include <algorithm>
#include <string_view>

namespace skein::config {

std::string Place::text() const {
    if (!source) return {};
    if (!source->has_lines) return source->name;
    const auto before = std::string_view{source->text}.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line = before.substr(before.rfind('\n') + 1);  // The whole text on the first line.
    // Counts characters and not bytes: continuation bytes of UTF-8 begin with the bits 10.
    const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    });
    return source->name + ':' + std::to_string(lines + 1) + ':' + std::to_string(characters + 1);
}

Place place_outside(const std::string& name) {
    return {.source = std::make_shared<const Source>(Source{.name = name, .has_lines = false})};
}

}  // namespace skein::config
