// Placeholders of a template: the text between `{{` and `}}`.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::job {

// How a field is filled in: as text, or with a filter that replaces the whole string.
enum class Filter : std::uint8_t { text, json, number };

struct TemplatePlace {
    std::string field{};  // The name of the field, or a path to it.
    Filter filter = Filter::text;
    std::optional<std::string> fallback{};  // `default('…')`: used if the field is missing or null.
    std::optional<std::string> literal{};  // `{{ '{{' }}`: a fixed text and no field.
};

inline constexpr std::string_view place_begins = "{{";
inline constexpr std::string_view place_ends = "}}";

// The end of the placeholder that begins at `open`, braces included; nothing if it is not closed.
// Braces within quotes do not close it. `text` is the inside of a JSON string with its escape
// sequences, so that a double quote is written `\"`.
std::optional<std::size_t> end_of_place(std::string_view text, std::size_t open);

// Parses the placeholder `whole`, braces included, escaped like `text` above. The error says what
// is wrong; the caller adds the position. Texts in the result stay escaped; the field name is
// unescaped.
Expected<TemplatePlace, ConfigError> read_place(std::string_view whole);

// A placeholder `{{ x }}` as messages show it.
std::string shown_place(std::string_view whole);

// Advice on sending braces literally; continues a sentence.
inline constexpr std::string_view advice_on_braces =
    "; single braces are sent as they stand, and two of them are written {{ '{{' }}";
inline constexpr std::string_view advice_on_missing = "; braces to be sent are written {{ '{{' }}";

}  // namespace skein::job
