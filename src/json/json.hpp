// Reads foreign JSON: nothing in it is taken for granted, and nothing in it can throw.
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

// Nesting that is looked into where no setting says so.
inline constexpr std::size_t usual_depth = 64;

// The text as a tree. It must be one value and nothing else, valid UTF-8, nested at most `depth`
// deep, and its numbers must fit a double or 64 bits. The tree lives on this thread until the next
// parse on it, and does not refer to `text`.
simdjson::simdjson_result<Element> parse(std::string_view text, std::size_t depth = usual_depth);

// Why `parse` would not have a text, in words that follow "because": `it is empty`.
std::string why_not(simdjson::error_code error);

// What servers send where only valid text is of use: without a byte order mark, every byte that is
// not UTF-8 and every `\ud800` that is half of a pair replaced by U+FFFD. The text itself if there
// is nothing to mend, else what is put into `storage`.
std::string_view mended(std::string_view text, std::string& storage);

// Valid JSON on one line, without what some tools take for line ends: as it is, if it is so
// already.
std::string one_line(std::string json);
std::string one_line(Element element);

// The same without the white space between its words.
std::string compact(std::string_view json);

// The member of an object; nothing if it is missing or null, or this is not an object. Of two with
// the same name the first.
std::optional<Element> member(Element element, std::string_view name);

// Several of them in one pass, in the order of `names`.
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

// The same for a member of one type; nothing if it has another.
std::optional<std::string_view> text_member(Element element, std::string_view name);
std::optional<std::int64_t> whole_member(Element element, std::string_view name);
std::optional<simdjson::dom::array> list_member(Element element, std::string_view name);

inline std::string_view text_or_empty(Element element, std::string_view name) {
    return text_member(element, name).value_or(std::string_view{});
}

}  // namespace skein::json
