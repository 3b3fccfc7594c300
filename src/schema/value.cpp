// One value of JSON as the validator looks at it. Recursion is as deep as the tree, which the
// parser limits.
#include "schema/value.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace skein::schema {
namespace {

bool append_text(std::string& out, std::string_view text, std::size_t max) {
    if (text.size() > max) return false;
    out += '"';
    out += std::to_string(text.size());
    out += ':';
    out += text;
    return out.size() <= max;
}

bool append_list(std::string& out, simdjson::dom::array list, std::size_t max) {
    out += '[';
    for (const auto each : list) {
        if (!append_identity(out, value_of(each), max)) return false;
    }
    out += ']';
    return out.size() <= max;
}

bool append_members(std::string& out, simdjson::dom::object object, std::size_t max) {
    std::vector<std::pair<std::string_view, json::Element>> members;
    for (const auto field : object) {
        members.emplace_back(field.key, field.value);
        if (members.size() > max) return false;  // Each takes a byte at least.
    }
    std::ranges::stable_sort(members, {}, [](const auto& member) { return member.first; });
    out += '{';
    for (const auto& [name, value] : members) {
        if (!append_text(out, name, max)) return false;
        if (!append_identity(out, value_of(value), max)) return false;
    }
    out += '}';
    return out.size() <= max;
}

}  // namespace

Value value_of(json::Element element) {
    using Type = simdjson::dom::element_type;
    Value value;
    value.element = element;
    switch (element.type()) {
        case Type::NULL_VALUE:
            value.kind = kind_null;
            break;
        case Type::BOOL:
            value.kind = kind_boolean;
            break;
        case Type::STRING:
            value.kind = kind_string;
            if (element.get(value.text)) value.text = {};
            break;
        case Type::ARRAY:
            value.kind = kind_array;
            break;
        case Type::OBJECT:
            value.kind = kind_object;
            break;
        default:
            value.kind = kind_number;
            value.number = number_in(element).value_or(0);
    }
    return value;
}

Value value_of_name(std::string_view name) { return {.kind = kind_string, .text = name}; }

bool append_identity(std::string& out, const Value& value, std::size_t max) {
    bool is_true = false;
    simdjson::dom::array list;
    simdjson::dom::object object;
    switch (value.kind) {
        case kind_null:
            out += '0';
            break;
        case kind_boolean:
            out += !value.element.get(is_true) && is_true ? 't' : 'f';
            break;
        case kind_number:
            append_number(out, value.number);
            out += ';';
            break;
        case kind_string:
            return append_text(out, value.text, max);
        case kind_array:
            return !value.element.get(list) && append_list(out, list, max);
        case kind_object:
            return !value.element.get(object) && append_members(out, object, max);
    }
    return out.size() <= max;
}

std::string words_of(Kinds kinds, bool is_whole) {
    const std::array<std::pair<Kind, std::string_view>, 6> names{{
        {kind_object, "an object"},
        {kind_array, "a list"},
        {kind_string, "a string"},
        {kind_number, is_whole ? "an integer" : "a number"},
        {kind_boolean, "true or false"},
        {kind_null, "null"},
    }};
    std::string words;
    for (const auto& [kind, name] : names) {
        if ((kinds & kind) == 0) continue;
        if (!words.empty()) words += " or ";
        words += name;
    }
    return words;
}

}  // namespace skein::schema
