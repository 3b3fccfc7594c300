// Writes the members of JSON objects one after the other. A comma is written where one is needed.
#pragma once
#include "json/json.hpp"
#include "json/text.hpp"

#include <string>
#include <string_view>

namespace skein::json {

// Before an element of a list. A text ends in a quote, so it is never taken for a bracket.
inline void add_comma(std::string& out) {
    if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
}

// The name of a member, to be followed by its value.
inline void add_name(std::string& out, std::string_view name) {
    add_comma(out);
    append_string(out, name);
    out += ':';
}

inline void add_text(std::string& out, std::string_view name, std::string_view text) {
    add_name(out, name);
    append_string(out, text);
}

inline void add_number(std::string& out, std::string_view name, std::int64_t number) {
    add_name(out, name);
    append_number(out, number);
}

// A value as it was given, without white space.
inline void add_value(std::string& out, std::string_view name, Element value) {
    add_name(out, name);
    out += one_line(value);
}

}  // namespace skein::json
