// The types of images and files that Anthropic's API takes.
#pragma once
#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace skein {

inline bool is_image_type(std::string_view type) {
    constexpr std::array<std::string_view, 4> types{
        "image/jpeg", "image/png", "image/gif", "image/webp"};
    return std::ranges::any_of(types, [&](std::string_view known) {
        return same_letters(type, known);
    });
}

inline bool is_pdf_type(std::string_view type) { return same_letters(type, "application/pdf"); }

// Any text is sent as plain text.
inline bool is_text_type(std::string_view type) { return same_letters(type.substr(0, 5), "text/"); }

}  // namespace skein
