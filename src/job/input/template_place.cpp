// Parses one placeholder of a template: `{{ field | filter }}` or `{{ 'text' }}`.
//
// Works on the inside of a JSON string, where a double quote is written `\"`. Pure functions, any
// thread.
#include "job/input/template_place.hpp"

#include "json/object.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein::job {
namespace {

constexpr std::string_view known_filters = "json, number and default('…')";

// Names of the same filters in other template languages, for advice: Jinja2 ("List of Builtin
// Filters"), Liquid.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> other_names{{
    {"tojson", "json"},
    {"to_json", "json"},
    {"dump", "json"},
    {"int", "number"},
    {"float", "number"},
    {"num", "number"},
    {"d", "default"},
}};

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The quote that `text` begins with, `'` or `\"`; empty if there is none.
std::string_view quote_at(std::string_view text) {
    for (const std::string_view quote : {"'", "\\\""}) {
        if (text.starts_with(quote)) return quote;
    }
    return {};
}

// The length of the quoted text at the beginning of `text`, quotes included; 0 if it is not closed.
std::size_t length_of_quoted(std::string_view text) {
    const auto quote = quote_at(text);
    for (auto at = quote.size(); at < text.size();) {
        if (text.substr(at).starts_with(quote)) return at + quote.size();
        at += text[at] == '\\' ? 2 : 1;  // Skips a JSON escape sequence.
    }
    return 0;
}

// The content of `text` if it is one quoted text and nothing else.
std::optional<std::string_view> quoted(std::string_view text) {
    const auto size = quote_at(text).size();
    if (size == 0 || length_of_quoted(text) != text.size()) return std::nullopt;
    return text.substr(size, text.size() - 2 * size);
}

std::string unknown_filter(std::string_view name) {
    const auto* same = std::ranges::find(other_names, name, [](auto& row) { return row.first; });
    constexpr std::array<std::string_view, 3> known{"json", "number", "default"};
    const auto meant = same != other_names.end() ? same->second : config::nearest(name, known);
    auto text = "the filter `" + json::printable(name, 40) + "` is not known; ";
    if (!meant.empty()) text += "did you mean `" + std::string{meant} + "`? ";
    return text + "there are " + std::string{known_filters};
}

// Reads a filter into `place`. Returns the problem; nothing on success.
std::optional<std::string> read_filter(std::string_view given, TemplatePlace& place) {
    const auto open = given.find('(');
    const auto name = without_blanks(given.substr(0, open));
    if (name.find('|') != name.npos) return "a field takes one filter";
    if (name == "default") {
        const auto inside = open == given.npos ? std::string_view{} : given.substr(open + 1);
        const auto fallback = inside.ends_with(')')
                                  ? quoted(without_blanks(inside.substr(0, inside.size() - 1)))
                                  : std::nullopt;
        if (!fallback) return "default takes one text in quotes: default('none')";
        place.fallback = *fallback;
    } else if (name == "json" && open == given.npos) {
        place.filter = Filter::json;
    } else if (name == "number" && open == given.npos) {
        place.filter = Filter::number;
    } else {
        return unknown_filter(name);
    }
    return std::nullopt;
}

}  // namespace

std::string shown_place(std::string_view whole) {
    return '`' + json::printable(json::said('"' + std::string{whole} + '"'), 80) + '`';
}

std::optional<std::size_t> end_of_place(std::string_view text, std::size_t open) {
    for (auto at = open + place_begins.size(); at < text.size();) {
        const auto rest = text.substr(at);
        if (rest.starts_with(place_ends)) return at + place_ends.size();
        // A quote opens a text only at the beginning or after `(`. Elsewhere it is an apostrophe in
        // a field name.
        const auto before = without_blanks(text.substr(0, at));
        const bool may_quote = before.ends_with(place_begins) || before.ends_with('(');
        const auto length = may_quote && !quote_at(rest).empty() ? length_of_quoted(rest) : 0;
        at += std::max<std::size_t>(length, 1);
    }
    return std::nullopt;
}

Expected<TemplatePlace, ConfigError> read_place(std::string_view whole) {
    const auto wrong = [&](const std::string& why) {
        return ConfigError{.what = shown_place(whole) + why};
    };
    auto inside = whole.substr(place_begins.size());
    inside = without_blanks(inside.substr(0, inside.size() - place_ends.size()));
    TemplatePlace place;
    if (!quote_at(inside).empty()) {
        const auto literal = quoted(inside);
        if (!literal) return wrong(" is no name of a field" + std::string{advice_on_braces});
        place.literal = *literal;
        return place;
    }
    // Searched after the literals, so that a bar in a quoted text is no filter.
    const auto bar = inside.find('|');
    const auto name = without_blanks(inside.substr(0, bar));
    if (name.empty()) return wrong(" names no field");
    // Most likely a template that doubles its braces, as Python's `str.format` wants it.
    if (name.find_first_of("{}") != name.npos) {
        return wrong(" is no name of a field" + std::string{advice_on_braces});
    }
    if (bar != inside.npos) {
        const auto why = read_filter(without_blanks(inside.substr(bar + 1)), place);
        if (why) return wrong(": " + *why);
    }
    // The name stands in a JSON string, so its escape sequences are resolved.
    place.field = json::said('"' + std::string{name} + '"');
    return place;
}

}  // namespace skein::job
