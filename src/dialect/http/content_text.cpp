#include "dialect/http/content_text.hpp"

#include <string_view>

namespace skein {

std::string text_of_content(json::Element content) {
    std::string_view words;
    simdjson::dom::array parts;
    if (!content.get(words)) return std::string{words};
    std::string text;
    if (content.get(parts)) return text;
    for (const auto part : parts) text += json::text_or_empty(part, "text");
    return text;
}

}  // namespace skein
