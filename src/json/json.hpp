// Reads untrusted JSON by simdjson's DOM: no assumption about its content, and no exception.
#pragma once
#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein::json {

using Element = simdjson::dom::element;

// The nesting depth that is accepted if no setting gives another one.
inline constexpr std::size_t usual_depth = 64;

// Parses `text` to a DOM tree. It must be one value and nothing else, valid UTF-8, nested at most
// `depth` deep, and its numbers must fit a double or 64 bits. The tree belongs to a thread-local
// parser: it is valid on this thread until the next parse on it. It does not refer to `text`.
simdjson::simdjson_result<Element> parse(std::string_view text, std::size_t depth = usual_depth);

// A text for an error of `parse`, that can follow "because": `it is empty`.
std::string why_not(simdjson::error_code error);

// Repairs JSON of a server: removes a byte order mark, and replaces each byte that is not UTF-8 and
// each escape of a lone surrogate (`\ud800`) by U+FFFD. Returns a view of `text` if no byte had to
// be replaced, otherwise a view of `storage`.
std::string_view mended(std::string_view text, std::string& storage);

// Valid JSON on one line, with U+0085, U+2028 and U+2029 escaped, because some tools take them for
// line ends. Text that is already so is returned unchanged.
std::string one_line(std::string json);
std::string one_line(Element element);

// The same, without white space between tokens.
std::string compact(std::string_view json);

// A member of an object; empty if it is missing or null, or if `element` is no object. The first of
// two members with the same name.
std::optional<Element> member(Element element, std::string_view name);

// Several members in one pass, in the order of `names`. Fewer than 64 names.
void find_members(
    Element element,
    std::span<const std::string_view> names,
    std::span<std::optional<Element>> found
);
template <std::size_t count>
auto members(Element element, const std::array<std::string_view, count>& names) {
    std::array<std::optional<Element>, count> found;
    find_members(element, names, found);
    return found;
}

// A member of a certain type; empty if it has another type.
std::optional<std::string_view> text_member(Element element, std::string_view name);
std::optional<std::int64_t> whole_member(Element element, std::string_view name);
std::optional<simdjson::dom::array> list_member(Element element, std::string_view name);

inline std::string_view text_or_empty(Element element, std::string_view name) {
    return text_member(element, name).value_or(std::string_view{});
}

}  // namespace skein::json
