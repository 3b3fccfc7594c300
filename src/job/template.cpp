#include "job/template.hpp"

#include "base/json_text.hpp"
#include "config/spelling.hpp"
#include "dialect/json.hpp"
#include "dialect/members.hpp"

#include <algorithm>
#include <utility>

namespace skein::job {
namespace {

constexpr std::string_view closing = "}}";

std::string ticked(std::string_view text) { return '`' + json::printable(text, 80) + '`'; }

std::string advice_on(std::string_view field, std::span<const std::string_view> fields) {
    const auto meant = config::nearest(field, fields);
    return meant.empty() ? std::string{} : "; did you mean `" + json::printable(meant, 80) + "`?";
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// `a, b, c`; of many the first.
std::string listed(std::span<const std::string_view> names) {
    constexpr std::size_t most = 12;
    std::string text;
    std::size_t count = 0;
    for (const auto name : names) {
        if (count++ == most) return text += " and more";
        if (!text.empty()) text += ", ";
        text += json::printable(name, 80);
    }
    return text.empty() ? "none" : text;
}

// `whose`: `the input has`.
std::string no_field(
    std::string_view whose, std::string_view field, std::span<const std::string_view> fields
) {
    std::string text{whose};
    return text + " no field " + ticked(field) + "; it has: " + listed(fields) +
           advice_on(field, fields);
}

}  // namespace

std::string place_or_request(const PlaceOf& place_of, std::size_t text) {
    auto place = place_of ? place_of(text) : std::string{};
    return place.empty() ? "request" : place;
}

// Copies the text and stops at its strings. A string before a colon is a name.
Expected<Template, ConfigError> Template::compile(std::string_view text, const PlaceOf& place_of) {
    Template made;
    made.size_ = text.size();
    JsonObject object;
    if (const auto why = object.parse(text)) {
        return ConfigError{.where = "request", .what = "must be a JSON object, but " + *why};
    }
    std::size_t count = 0;
    const auto wrong = [&](std::string what) {
        return ConfigError{.where = place_or_request(place_of, count), .what = std::move(what)};
    };
    for (const auto& member : object.members()) made.members_.push_back(member.name);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '"') {
            made.rest_ += text[at++];
            continue;
        }
        const auto end = json::end_of_string(text, at);
        const auto string = text.substr(at, end - at);
        const auto after = json::end_of_space(text, end);
        at = end;
        if (after < text.size() && text[after] == ':') {
            if (string.find(opening) != string.npos) {
                return wrong(
                    "a place for a field can be in a value, not in a name: " + std::string{string}
                );
            }
            made.rest_ += string;
        } else if (auto why = made.compile_string(string.substr(1, string.size() - 2), count)) {
            return wrong(*std::move(why));
        }
        ++count;
    }
    return made;
}

std::optional<std::string> Template::compile_string(std::string_view inside, std::size_t which) {
    rest_ += '"';
    for (auto text = inside;;) {
        const auto open = text.find(opening);
        rest_ += text.substr(0, open);
        if (open == text.npos) break;
        const auto close = text.find(closing, open);
        if (close == text.npos) {
            return "`{{` is never closed in " + ticked(text.substr(open));
        }
        const auto begin = open + opening.size();
        const bool alone =
            open == 0 && text.size() == inside.size() && close + closing.size() == text.size();
        if (auto why = add_place(text.substr(begin, close - begin), alone, which)) return why;
        text.remove_prefix(close + closing.size());
        if (alone && pieces_.back().as_json) return std::nullopt;  // Without the quotes.
    }
    rest_ += '"';
    return std::nullopt;
}

std::optional<std::string> Template::add_place(
    std::string_view place, bool alone, std::size_t text
) {
    const auto bar = place.find('|');
    const auto name = trimmed(place.substr(0, bar));
    const auto whole = ticked("{{" + std::string{place} + "}}");
    if (name.empty()) return whole + " names no field";
    if (name.find_first_of("{}") != name.npos) return whole + " is no name of a field";
    const bool as_json = bar != place.npos;
    if (as_json && trimmed(place.substr(bar + 1)) != "json") {
        return whole + ": after `|` only `json` is known";
    }
    if (as_json && !alone) {
        return whole + " is replaced with JSON, so it must be the whole text";
    }
    if (as_json) rest_.pop_back();  // The opening quote.
    auto field = said('"' + std::string{name} + '"');
    pieces_.push_back({std::exchange(rest_, {}), std::move(field), as_json, text});
    return std::nullopt;
}

std::optional<ConfigError> Template::check(
    std::span<const std::string> fields, const PlaceOf& place_of
) const {
    for (const auto& piece : pieces_) {
        if (std::ranges::find(fields, piece.field) != fields.end()) continue;
        const std::vector<std::string_view> names{fields.begin(), fields.end()};
        return ConfigError{
            .where = place_or_request(place_of, piece.text),
            .what = no_field("the input has", piece.field, names)};
    }
    return std::nullopt;
}

std::optional<std::string> Template::fill(const JsonObject& row, std::string& out) const {
    for (const auto& piece : pieces_) {
        const auto value = row.find_path(piece.field);
        if (!value) {
            std::vector<std::string_view> names;
            for (const auto& member : row.members()) names.push_back(member.name);
            return no_field("it has", piece.field, names);
        }
        out += piece.before;
        if (is_string(*value)) {
            // Escaped as a JSON string already, with the quotes or without.
            out += piece.as_json ? *value : value->substr(1, value->size() - 2);
        } else if (piece.as_json || !(is_object(*value) || is_list(*value))) {
            out += *value;
        } else {
            std::string text;
            json::append_string(text, json::compact(*value));
            out.append(text, 1, text.size() - 2);
        }
    }
    out += rest_;
    return std::nullopt;
}

bool Template::has(std::string_view member) const {
    return std::ranges::find(members_, member) != members_.end();
}

bool Template::takes_json() const {
    return std::ranges::any_of(pieces_, [](const Piece& piece) { return piece.as_json; });
}

}  // namespace skein::job
