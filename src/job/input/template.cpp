// Compiles a template with placeholders and fills it with the fields of a row.
//
// Compiled form: pieces of text with one placeholder after each. Filling copies the pieces and
// never looks at filled-in text again, so that a row cannot inject a placeholder. Filling is const
// and may run on any thread.
#include "job/input/template.hpp"

#include "base/ascii.hpp"
#include "json/json.hpp"
#include "json/members.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <utility>

namespace skein::job {
namespace {

std::string ticked(std::string_view text) { return '`' + json::printable(text, 80) + '`'; }

std::string advice_on(std::string_view field, std::span<const std::string_view> fields) {
    const auto meant = config::nearest(field, fields);
    return meant.empty() ? std::string{} : "; did you mean `" + json::printable(meant, 80) + "`?";
}

// `a, b, c`; at most the first 12 names.
std::string listed(std::span<const std::string_view> names) {
    constexpr std::size_t max = 12;
    std::string text;
    std::size_t count = 0;
    for (const auto name : names) {
        if (count++ == max) return text += " and more";
        if (!text.empty()) text += ", ";
        text += json::printable(name, 80);
    }
    return text.empty() ? "none" : text;
}

// `whose` is the subject of the message, such as `the input has`.
std::string no_field(
    std::string_view whose, std::string_view field, std::span<const std::string_view> fields
) {
    auto text = std::string{whose} + " no field " + ticked(field) + "; it has: " + listed(fields);
    const auto advice = advice_on(field, fields);
    return text + (advice.empty() ? std::string{advice_on_missing} : advice);
}

std::vector<std::string_view> names_of(const json::Object& row) {
    std::vector<std::string_view> names;
    for (const auto& member : row.members()) names.push_back(member.name);
    return names;
}

std::string no_field(const json::Object& row, std::string_view field) {
    return no_field("it has", field, names_of(row));
}

// The JSON of a field as written; `null` if it is missing and there is a default; else nothing.
std::optional<std::string_view> value_for(const json::Object& row, const TemplatePlace& place) {
    const auto value = row.find_path(place.field);
    return value || !place.fallback ? value : "null";
}

// Puts a field into a string of the template. A text of the row is escaped already. A list or an
// object becomes its JSON as text, so it is escaped once more.
void put_in_text(std::string& out, const TemplatePlace& place, std::string_view value) {
    if (json::is_string(value)) {
        out += value.substr(1, value.size() - 2);  // Escaped as a JSON string already.
    } else if (json::is_null(value)) {
        out += place.fallback.value_or(std::string{});
    } else if (json::is_object(value) || json::is_list(value)) {
        std::string text;
        json::append_string(text, json::compact(value));
        out.append(text, 1, text.size() - 2);
    } else {
        out += value;
    }
}

// Appends the number that the text of a field holds, ignoring blanks around it. Returns the problem
// if it is no number.
std::optional<std::string> put_in_number(
    std::string& out, std::string_view field, std::string_view value
) {
    auto number = value;
    if (json::is_string(value)) number = trimmed(value.substr(1, value.size() - 2));
    json::Element element;
    // The digits are only checked and then copied, because a conversion could change them.
    const bool is_number = !json::parse(number).get(element) && element.is_number();
    if (is_number) {
        out += number;
        return std::nullopt;
    }
    const auto shown = json::is_string(value) ? json::said(value) : std::string{value};
    auto why = "its field " + ticked(field) + " is " + ticked(shown) +
               ", and `| number` needs a number as JSON writes it: 1, 0.5, 1e3";
    if (shown.find(',') != shown.npos) why += " (with a point, and without separators)";
    return why;
}

std::optional<std::string> put_in(
    std::string& out, const TemplatePlace& place, std::string_view value
) {
    if (place.filter == Filter::number) return put_in_number(out, place.field, value);
    if (place.filter == Filter::json) {
        out += value;
    } else {
        put_in_text(out, place, value);
    }
    return std::nullopt;
}

// Splices the items of a list into the list around it. An empty list also removes one comma beside
// it, because `[, 1]` is no JSON.
class ListJoint {
public:
    // `own`: the next piece of the template's own text.
    void append(std::string& out, std::string_view own) {
        if (std::exchange(drops_comma_, false)) {
            const auto at = json::end_of_space(own, 0);
            if (at < own.size() && own[at] == ',') own.remove_prefix(at + 1);
        }
        out += own;
    }

    void join(std::string& out, std::string_view list) {
        const auto items = json::is_list(list) ? trimmed(list.substr(1, list.size() - 2)) : "";
        out += items;
        if (!items.empty()) return;
        const auto last = out.find_last_not_of(" \t\r\n");
        // The comma before the empty list is removed here; without one the list came first, and the
        // comma behind it is dropped by `append`.
        drops_comma_ = out[last] != ',';
        if (!drops_comma_) out.resize(last);
    }

private:
    bool drops_comma_ = false;
};

}  // namespace

std::string place_or_request(const PlaceOf& place_of, std::size_t text) {
    auto place = place_of ? place_of(text) : std::string{};
    return place.empty() ? "request" : place;
}

// Scans the JSON text from string to string; a string before a colon is a member name. A JSON
// parser is not used, because the text between the strings must stay byte for byte.
Expected<Template, ConfigError> Template::compile(std::string_view text, const PlaceOf& place_of) {
    Template made;
    made.size_ = text.size();
    json::Object object;
    if (const auto why = object.parse(text)) {
        return ConfigError{.where = "request", .what = "must be a JSON object, but " + *why};
    }
    std::size_t count = 0;
    const auto wrong = [&](std::string what) {
        return ConfigError{.where = place_or_request(place_of, count), .what = std::move(what)};
    };
    for (const auto& member : object.members()) made.members_.push_back(member.name);
    std::string open;  // Stack of the open brackets.
    for (std::size_t at = 0; at < text.size();) {
        if (const char c = text[at]; c != '"') {
            if (c == '[' || c == '{') open += c;
            if (c == ']' || c == '}') open.pop_back();
            made.rest_ += text[at++];
            continue;
        }
        // `open` is not empty here, because a string of an object lies within its braces.
        // Brackets inside a string are skipped with it.
        const auto end = json::end_of_string(text, at);
        const auto string = text.substr(at, end - at);
        const auto after = json::end_of_space(text, end);
        const bool is_name = after < text.size() && text[after] == ':';
        at = end;
        if (is_name && string.find(place_begins) != string.npos) {
            return wrong(
                "a place for a field can be in a value, not in a name: " + std::string{string}
            );
        }
        const Where where{.text = count, .is_item = open.back() == '['};
        if (is_name) {
            made.rest_ += string;
        } else if (auto why = made.compile_string(string.substr(1, string.size() - 2), where)) {
            return wrong(*std::move(why));
        }
        // Names count as well, because the job file numbers them with the values (see `PlaceOf`).
        ++count;
    }
    return made;
}

// Compiles one string of the template, given without its quotes. `rest_` collects the text since
// the last placeholder, here and over several strings.
std::optional<std::string> Template::compile_string(std::string_view inside, Where where) {
    rest_ += '"';
    for (std::size_t at = 0;;) {
        const auto open = inside.find(place_begins, at);
        rest_ += inside.substr(at, open - at);
        if (open == inside.npos) break;
        const auto end = end_of_place(inside, open);
        if (!end) return "`{{` is never closed in " + shown_place(inside.substr(open));
        const bool is_alone = open == 0 && *end == inside.size();
        if (auto why = add_place(inside.substr(open, *end - open), is_alone, where)) return why;
        const bool is_value = rest_.empty() && pieces_.back().place.filter != Filter::text;
        if (is_value) return std::nullopt;  // The field replaces the string and its quotes.
        at = *end;
    }
    rest_ += '"';
    return std::nullopt;
}

std::optional<std::string> Template::add_place(std::string_view whole, bool is_alone, Where where) {
    auto place = read_place(whole);
    if (!place) return place.error().what;
    // A literal is text of the template and needs no piece.
    if (place->literal) {
        rest_ += *place->literal;
        return std::nullopt;
    }
    const bool is_value = place->filter != Filter::text;
    if (is_value && !is_alone) {
        return shown_place(whole) + " is replaced with JSON, so it must be the whole text";
    }
    if (is_value) rest_.pop_back();  // The opening quote.
    const bool is_item = where.is_item && place->filter == Filter::json;
    pieces_.push_back({std::exchange(rest_, {}), std::move(*place), is_item, where.text});
    return std::nullopt;
}

std::optional<ConfigError> Template::check(
    std::span<const std::string> fields, const PlaceOf& place_of
) const {
    for (const auto& piece : pieces_) {
        if (std::ranges::find(fields, piece.place.field) != fields.end()) continue;
        const std::vector<std::string_view> names{fields.begin(), fields.end()};
        return ConfigError{
            .where = place_or_request(place_of, piece.text),
            .what = no_field("the input has", piece.place.field, names)};
    }
    return std::nullopt;
}

bool Template::is_filled_by(std::size_t place, const json::Object& row) const {
    return value_for(row, pieces_[place].place).has_value();
}

ConfigError Template::no_row_fills(
    std::size_t place, const json::Object& row, const PlaceOf& place_of
) const {
    const auto& piece = pieces_[place];
    const auto names = names_of(row);
    const auto advice = advice_on(piece.place.field, names);
    return {
        .where = place_or_request(place_of, piece.text),
        .what = "no row of the input has the field " + ticked(piece.place.field) +
                "; the first has: " + listed(names) +
                (advice.empty() ? std::string{advice_on_missing} : advice)};
}

// A missing field is a problem of this row only, because rows of JSON differ from each other. After
// a problem `out` is incomplete.
std::optional<std::string> Template::fill(const json::Object& row, std::string& out) const {
    ListJoint joint;
    for (const auto& piece : pieces_) {
        const auto value = value_for(row, piece.place);
        if (!value) return no_field(row, piece.place.field);
        joint.append(out, piece.before);
        if (piece.is_item && (json::is_list(*value) || json::is_null(*value))) {
            joint.join(out, *value);
        } else if (auto why = put_in(out, piece.place, *value)) {
            return why;
        }
    }
    joint.append(out, rest_);
    return std::nullopt;
}

bool Template::takes_values() const {
    return std::ranges::any_of(pieces_, [](const Piece& piece) {
        return piece.place.filter != Filter::text;
    });
}

}  // namespace skein::job
