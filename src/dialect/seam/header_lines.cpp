#include "dialect/seam/header_lines.hpp"

#include "base/ascii.hpp"

#include <skein/version.hpp>

#include <algorithm>
#include <utility>

namespace skein {
namespace {

constexpr std::string_view user_agent = "skein/" SKEIN_VERSION;

}  // namespace

HeaderLines::HeaderLines(const Endpoint& endpoint) : endpoint_{endpoint} {
    add("Content-Type", "application/json");
    add("User-Agent", user_agent);
}

void HeaderLines::add(std::string_view name, std::string_view value) {
    const bool is_replaced = std::ranges::any_of(endpoint_.headers, [&](const auto& header) {
        return same_letters(header.first, name);
    });
    if (!is_replaced) lines_.push_back(std::string{name} + ": " + std::string{value});
}

void HeaderLines::add_key(std::string_view usual) {
    if (endpoint_.api_key.empty() || endpoint_.auth == Auth::none) return;
    const auto key = endpoint_.api_key.reveal();
    if (endpoint_.auth == Auth::header) {
        add(endpoint_.auth_header, key);
    } else if (endpoint_.auth == Auth::bearer || usual.empty()) {
        add("Authorization", "Bearer " + std::string{key});
    } else {
        add(usual, key);
    }
}

std::vector<std::string> HeaderLines::take() {
    for (const auto& [name, value] : endpoint_.headers) lines_.push_back(name + ": " + value);
    // The last defence against header injection; the settings were checked before.
    std::erase_if(lines_, [](const std::string& line) {
        return line.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos;
    });
    return std::move(lines_);
}

}  // namespace skein
