#include "json/object.hpp"

#include "json/json.hpp"
#include "json/members.hpp"

#include <charconv>

namespace skein::json {
namespace {

// The value of the first member with this name. A key is decoded only if it contains an escape,
// which is rare.
std::optional<std::string_view> member_of(std::string_view object, std::string_view name) {
    std::optional<std::string_view> found;
    // Goes on after the first match, because the iteration cannot be left early.
    json::for_each_member(object, [&](std::string_view key, std::string_view value) {
        if (found) return;
        const bool same =
            key.find('\\') == key.npos ? key == name : said('"' + std::string{key} + '"') == name;
        if (same) found = value;
    });
    return found;
}

// The item of a list at a decimal index; empty if `number` is no index of the list.
std::optional<std::string_view> item_of(std::string_view list, std::string_view number) {
    std::size_t wanted = 0;
    const auto [stop, error] =
        std::from_chars(number.data(), number.data() + number.size(), wanted);
    // All of the text must be the index: `1x` is the name of a member, and a list has none.
    if (error != std::errc{} || stop != number.data() + number.size()) return std::nullopt;
    auto at = json::end_of_space(list, 1);
    while (at < list.size() && list[at] != ']') {
        const auto end = json::end_of_value(list, at);
        if (wanted-- == 0) return list.substr(at, end - at);
        at = json::end_of_space(list, end);
        if (at < list.size() && list[at] == ',') at = json::end_of_space(list, at + 1);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> Object::parse(std::string_view text) {
    members_.clear();
    json::Element root;
    simdjson::dom::object object;
    if (const auto error = json::parse(text).get(root)) return json::why_not(error);
    if (root.get(object)) return "it is not a JSON object";
    // The DOM gives the decoded names, the text gives the values as written. Both iterate in the
    // same order.
    auto field = object.begin();
    json::for_each_member(text, [&](std::string_view, std::string_view value) {
        members_.push_back({std::string{field.key()}, value});
        ++field;
    });
    return std::nullopt;
}

// The text is skein's own, so no pass is spent on checking it (docs/performance.md).
void Object::take(std::string_view text) {
    members_.clear();
    json::for_each_member(text, [&](std::string_view key, std::string_view value) {
        const bool plain = key.find('\\') == key.npos;
        members_.push_back({plain ? std::string{key} : said('"' + std::string{key} + '"'), value});
    });
}

std::optional<std::string_view> Object::find(std::string_view name) const {
    for (const auto& member : members_) {
        if (member.name == name) return member.value;
    }
    return std::nullopt;
}

std::optional<std::string_view> Object::find_path(std::string_view path) const {
    // A CSV column may be called `a.b`; it wins over the path.
    if (const auto whole = find(path)) return whole;
    auto dot = path.find('.');
    auto value = find(path.substr(0, dot));
    // One step into the value for each part of the path; a part that is missing ends it.
    while (value && dot != path.npos) {
        path.remove_prefix(dot + 1);
        dot = path.find('.');
        const auto step = path.substr(0, dot);
        if (is_object(*value)) {
            value = member_of(*value, step);
        } else if (is_list(*value)) {
            value = item_of(*value, step);
        } else {
            value.reset();
        }
    }
    return value;
}

std::string said(std::string_view string) {
    // Without an escape the text between the quotes is the string; that is the usual case.
    if (string.find('\\') == string.npos) return std::string{string.substr(1, string.size() - 2)};
    std::string_view text;
    if (json::parse(string).get(text)) return {};
    return std::string{text};
}

}  // namespace skein::json
