// Follows JSON pointers into answers of servers. The time is linear in the answer: a `*` looks at
// each element once. Pure; any thread.
#include "dialect/raw_map/pointer.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace skein::mapped {
namespace {

using json::Element;
using Steps = std::span<const std::string>;

constexpr std::string_view all = "*";

// `~1` is a slash and `~0` a tilde; any other tilde is an error.
bool decode(std::string_view step, std::string& decoded) {
    for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] != '~') {
            decoded += step[i];
            continue;
        }
        if (++i == step.size() || (step[i] != '0' && step[i] != '1')) return false;
        decoded += step[i] == '0' ? '~' : '/';
    }
    return true;
}

// An index of a list as RFC 6901 has it: digits, without a leading zero.
std::optional<std::size_t> index_of(std::string_view step) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool is_whole = error == std::errc{} && end == step.data() + step.size();
    if (!is_whole || (step.size() > 1 && step.front() == '0')) return std::nullopt;
    return index;
}

std::optional<Element> child_of(Element element, const std::string& step) {
    Element child;
    simdjson::dom::object object;
    simdjson::dom::array list;
    if (!element.get(object)) {
        return object.at_key(step).get(child) ? std::nullopt : std::optional{child};
    }
    const auto index = index_of(step);
    if (element.get(list) || !index || list.at(*index).get(child)) return std::nullopt;
    return child;
}

// Appends the text of a value. False: it is no text.
bool append_text(Element value, std::string& out) {
    std::string_view text;
    if (!value.get(text)) {
        out += text;
        return true;
    }
    if (value.is_null() || value.is_object() || value.is_array()) return false;
    out += json::one_line(value);
    return true;
}

// Appends all texts that the steps lead to. False: there is none. An empty list behind a `*` is an
// empty text. Recursive; the number of steps is bounded.
bool append_texts(Element at, Steps steps, std::string& out) {
    if (at.is_null()) return false;
    if (steps.empty()) return append_text(at, out);
    if (steps.front() != all) {
        const auto child = child_of(at, steps.front());
        return child && append_texts(*child, steps.subspan(1), out);
    }
    simdjson::dom::array list;
    if (at.get(list)) return false;
    bool has_any = list.size() == 0;
    for (const auto element : list) has_any |= append_texts(element, steps.subspan(1), out);
    return has_any;
}

}  // namespace

std::string Pointer::text() const {
    std::string text;
    for (const auto& step : steps) {
        text += '/';
        for (const char c : step) {
            if (c == '~') {
                text += "~0";
            } else if (c == '/') {
                text += "~1";
            } else {
                text += c;
            }
        }
    }
    return text;
}

std::optional<std::string> read_pointer(std::string_view text, Pointer& pointer) {
    const auto shown = "'" + json::printable(text, 80) + "'";
    if (!text.starts_with('/')) return shown + " is no JSON pointer: it begins with a slash";
    pointer.steps.clear();
    while (!text.empty()) {
        text.remove_prefix(1);
        const auto step = text.substr(0, text.find('/'));
        text.remove_prefix(step.size());
        if (!decode(step, pointer.steps.emplace_back())) {
            return shown + " is no JSON pointer: write ~ as ~0, and / within a name as ~1";
        }
        if (pointer.steps.size() > max_steps) return shown + " has more than 32 steps";
    }
    return std::nullopt;
}

std::optional<Element> value_at(Element root, const Pointer& pointer) {
    auto at = root;
    for (const auto& step : pointer.steps) {
        const auto child = child_of(at, step);
        if (!child) return std::nullopt;
        at = *child;
    }
    return at.is_null() ? std::nullopt : std::optional{at};
}

std::optional<Element> value_at(Element root, const Pointers& pointers) {
    for (const auto& pointer : pointers) {
        if (auto value = value_at(root, pointer)) return value;
    }
    return std::nullopt;
}

std::optional<std::string> text_at(Element root, const Pointers& pointers) {
    for (const auto& pointer : pointers) {
        std::string text;
        if (append_texts(root, pointer.steps, text)) return text;
    }
    return std::nullopt;
}

// The largest count is far above any answer; sums of such counts do not overflow.
std::optional<std::int64_t> count_at(Element root, const Pointers& pointers) {
    constexpr std::int64_t max = std::int64_t{1} << 60;
    std::int64_t count = 0;
    const auto value = value_at(root, pointers);
    if (!value || value->get(count) || count < 0) return std::nullopt;
    return std::min(count, max);
}

}  // namespace skein::mapped
