#include "job/template.hpp"

#include "base/json_text.hpp"
#include "dialect/json.hpp"
#include "dialect/members.hpp"

#include <algorithm>
#include <utility>

namespace skein::job {
namespace {

constexpr std::string_view closing = "}}";

ConfigError wrong(std::string what) { return {.where = "request", .what = std::move(what)}; }

std::string ticked(std::string_view text) { return '`' + json::printable(text, 80) + '`'; }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// `a, b, c`; of many the first.
template <class Names, class NameOf>
std::string listed(const Names& names, NameOf name_of) {
    constexpr std::size_t most = 12;
    std::string text;
    std::size_t count = 0;
    for (const auto& name : names) {
        if (count++ == most) return text += " and more";
        if (!text.empty()) text += ", ";
        text += json::printable(name_of(name), 80);
    }
    return text.empty() ? "none" : text;
}

}  // namespace

// Copies the text and stops at its strings. A string before a colon is a name.
Expected<Template, ConfigError> Template::compile(std::string_view text) {
    Template made;
    made.size_ = text.size();
    JsonObject object;
    if (const auto why = object.parse(text)) return wrong("must be a JSON object, but " + *why);
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
        } else if (auto error = made.compile_string(string.substr(1, string.size() - 2))) {
            return std::move(*error);
        }
    }
    return made;
}

std::optional<ConfigError> Template::compile_string(std::string_view inside) {
    rest_ += '"';
    for (auto text = inside;;) {
        const auto open = text.find(opening);
        rest_ += text.substr(0, open);
        if (open == text.npos) break;
        const auto close = text.find(closing, open);
        if (close == text.npos) {
            return wrong("`{{` is never closed in " + ticked(text.substr(open)));
        }
        const auto begin = open + opening.size();
        const bool alone =
            open == 0 && text.size() == inside.size() && close + closing.size() == text.size();
        if (auto error = add_place(text.substr(begin, close - begin), alone)) return error;
        text.remove_prefix(close + closing.size());
        if (alone && pieces_.back().as_json) return std::nullopt;  // Without the quotes.
    }
    rest_ += '"';
    return std::nullopt;
}

std::optional<ConfigError> Template::add_place(std::string_view place, bool alone) {
    const auto bar = place.find('|');
    const auto name = trimmed(place.substr(0, bar));
    const auto whole = ticked("{{" + std::string{place} + "}}");
    if (name.empty()) return wrong(whole + " names no field");
    if (name.find_first_of("{}") != name.npos) return wrong(whole + " is no name of a field");
    const bool as_json = bar != place.npos;
    if (as_json && trimmed(place.substr(bar + 1)) != "json") {
        return wrong(whole + ": after `|` only `json` is known");
    }
    if (as_json && !alone) {
        return wrong(whole + " is replaced with JSON, so it must be the whole text");
    }
    if (as_json) rest_.pop_back();  // The opening quote.
    auto field = said('"' + std::string{name} + '"');
    pieces_.push_back({std::exchange(rest_, {}), std::move(field), as_json});
    return std::nullopt;
}

std::optional<ConfigError> Template::check(std::span<const std::string> fields) const {
    for (const auto& piece : pieces_) {
        if (std::ranges::find(fields, piece.field) != fields.end()) continue;
        return wrong(
            "the input has no field " + ticked(piece.field) +
            "; it has: " + listed(fields, [](const auto& name) -> std::string_view { return name; })
        );
    }
    return std::nullopt;
}

std::optional<std::string> Template::fill(const JsonObject& row, std::string& out) const {
    for (const auto& piece : pieces_) {
        const auto value = row.find_path(piece.field);
        if (!value) {
            return "it has no field " + ticked(piece.field) +
                   "; it has: " + listed(row.members(), [](const auto& member) -> std::string_view {
                       return member.name;
                   });
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
