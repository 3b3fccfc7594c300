// What stands between `{{` and `}}` in a text of a template.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::job {

// What is put in for a field: its text, or with a filter something that replaces the whole string.
enum class Filter : std::uint8_t { text, json, number };

struct TemplatePlace {
    std::string field{};  // Its name, or the way to it.
    Filter filter = Filter::text;
    std::optional<std::string> fallback{};  // `default('…')`: for a missing field, or null.
    std::optional<std::string> literal{};   // `{{ '{{' }}`: this text, and no field.
};

inline constexpr std::string_view place_begins = "{{";
inline constexpr std::string_view place_ends = "}}";

// Where the place that begins at `open` ends, its braces included; nothing if it is never closed.
// Braces within quotes close nothing. `text` is what stands between the quotes of a JSON string,
// escapes and all, so that a double quote is written `\"`.
std::optional<std::size_t> end_of_place(std::string_view text, std::size_t open);

// The place that `whole` is, braces included, escaped like `text` above. The error says what is
// wrong with it, and not where. Texts of the result stay escaped as they are; the name of the field
// is not.
Expected<TemplatePlace, ConfigError> read_place(std::string_view whole);

// `{{ x }}` as it is shown in messages.
std::string shown_place(std::string_view whole);

// How braces are written that are to be sent as they stand; continues a sentence.
inline constexpr std::string_view advice_on_braces =
    "; single braces are sent as they stand, and two of them are written {{ '{{' }}";
inline constexpr std::string_view advice_on_missing = "; braces to be sent are written {{ '{{' }}";

}  // namespace skein::job
