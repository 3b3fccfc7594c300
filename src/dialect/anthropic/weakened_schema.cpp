// Source: Anthropic, "Structured outputs": JSON Schema limitations, and what its own clients do
// about them. Pure; the recursion is as deep as the tree, which the parser limits.
#include "dialect/anthropic/weakened_schema.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace skein {
namespace {

constexpr std::array<std::string_view, 11> bounds{
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties"};
constexpr std::array<std::string_view, 10> formats{
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"};
constexpr std::array<std::string_view, 3> maps_of_schemas{"properties", "$defs", "definitions"};
constexpr std::array<std::string_view, 4> lists_of_schemas{
    "anyOf", "oneOf", "allOf", "prefixItems"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& all, std::string_view name) {
    return std::ranges::find(all, name) != all.end();
}

// `minItems` may be 0 or 1.
bool is_bound(std::string_view name, json::Element value) {
    std::int64_t count = 0;
    if (name == "minItems") return value.get(count) || count < 0 || count > 1;
    return is_one_of(bounds, name);
}

bool is_format_unknown(std::string_view name, json::Element value) {
    std::string_view format;
    return name == "format" && !value.get(format) && !is_one_of(formats, format);
}

void begin_any(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ',';
    json::append_string(out, name);
    out += ':';
}

void append_schema(std::string& out, json::Element schema);

void append_map(std::string& out, json::Element map) {
    simdjson::dom::object object;
    if (map.get(object)) return void(out += json::one_line(map));
    out += '{';
    for (const auto field : object) {
        begin_any(out, field.key);
        append_schema(out, field.value);
    }
    out += '}';
}

void append_list(std::string& out, json::Element given) {
    simdjson::dom::array list;
    if (given.get(list)) return void(out += json::one_line(given));
    out += '[';
    for (const auto each : list) {
        if (out.back() != '[') out += ',';
        append_schema(out, each);
    }
    out += ']';
}

// The members that stay, and the words for those that do not.
std::string append_members(std::string& out, simdjson::dom::object object, bool is_closed) {
    std::string words;
    for (const auto [name, value] : object) {
        if (name == "description" || (name == "additionalProperties" && is_closed)) continue;
        if (is_bound(name, value) || is_format_unknown(name, value)) {
            words += (words.empty() ? "" : ", ") + std::string{name} + ": " + json::one_line(value);
            continue;
        }
        begin_any(out, name == "oneOf" ? "anyOf" : name);
        if (is_one_of(maps_of_schemas, name)) {
            append_map(out, value);
        } else if (is_one_of(lists_of_schemas, name)) {
            append_list(out, value);
        } else if (name == "items") {
            append_schema(out, value);
        } else {
            out += json::one_line(value);
        }
    }
    return words;
}

void append_schema(std::string& out, json::Element schema) {
    simdjson::dom::object object;
    if (schema.get(object)) return void(out += json::one_line(schema));
    out += '{';
    const auto more = json::member(schema, "additionalProperties");
    const bool is_closed = json::member(schema, "properties") && (!more || more->is_bool());
    const auto words = append_members(out, object, is_closed);
    if (is_closed) {
        begin_any(out, "additionalProperties");
        out += "false";
    }
    std::string description{json::text_or_empty(schema, "description")};
    if (!words.empty()) {
        if (!description.empty()) description += ' ';
        description += '(' + words + ')';
    }
    if (!description.empty()) {
        begin_any(out, "description");
        json::append_string(out, description);
    }
    out += '}';
}

}  // namespace

std::string weakened_schema(json::Element schema) {
    std::string out;
    append_schema(out, schema);
    return out;
}

}  // namespace skein
