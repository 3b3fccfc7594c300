// One value of JSON, as the validator looks at it: its kind first, and a text by which equal values
// are told.
#pragma once
#include "json/json.hpp"
#include "schema/number.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skein::schema {

// The kinds of values, one bit each, so that a set of them is a number.
enum Kind : std::uint8_t {
    kind_null = 1,
    kind_boolean = 2,
    kind_number = 4,
    kind_string = 8,
    kind_array = 16,
    kind_object = 32,
};
using Kinds = std::uint8_t;
inline constexpr Kinds all_kinds = 63;

struct Value {
    Kind kind = kind_null;
    std::string_view text{};  // Of a string.
    Number number = 0;        // Of a number.
    json::Element element{};  // Of anything but the name of a member.
};

Value value_of(json::Element element);
// The name of a member, which is a string like any other.
Value value_of_name(std::string_view name);

// Appends the text that two values have in common if and only if they are equal: members are
// sorted, and numbers written by value. Stops beyond `max` bytes; then returns false.
bool append_identity(std::string& out, const Value& value, std::size_t max);

// The kinds in words: `a string or null`. A number that must be whole is `an integer`.
std::string words_of(Kinds kinds, bool is_whole);

}  // namespace skein::schema
