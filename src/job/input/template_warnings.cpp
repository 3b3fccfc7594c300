// Warns of templates that are probably not meant as they are written: placeholders in single
// braces, statements of other template languages, no placeholder at all. Such a request is valid
// and may be meant, so nothing here is an error.
#include "job/input/template_warnings.hpp"

#include "json/members.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein::job {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The first `{field}` in single braces; empty if there is none. `{{ field }}` does not count.
std::string_view single_braces(std::string_view text, std::span<const std::string> fields) {
    for (auto open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
        const auto close = text.find('}', open);
        if (close == text.npos) return {};
        const bool is_double = (open > 0 && text[open - 1] == '{') ||
                               (close + 1 < text.size() && text[close + 1] == '}');
        // Only the name of a field counts, because braces are common in prompts.
        const auto name = trimmed(text.substr(open + 1, close - open - 1));
        if (!is_double && std::ranges::find(fields, name) != fields.end()) {
            return text.substr(open, close - open + 1);
        }
    }
    return {};
}

// The first `{% … %}`, a statement of other template languages; empty if there is none.
std::string_view statement(std::string_view text) {
    const auto open = text.find("{%");
    const auto close = open == text.npos ? open : text.find("%}", open);
    return close == text.npos ? std::string_view{} : text.substr(open, close + 2 - open);
}

std::string warning_of_statement(std::string_view found) {
    return '`' + json::printable(found, 60) +
           "` is sent as it stands: a template here knows {{ field }} and no statements; make the "
           "text "
           "in the input, as a field of its own";
}

std::string warning_of_braces(std::string_view found) {
    return '`' + json::printable(found, 80) + "` is sent as it stands; for the field write {{ " +
           json::printable(trimmed(found.substr(1, found.size() - 2)), 80) + " }}";
}

std::string listed(std::span<const std::string> fields) {
    constexpr std::size_t max = 12;
    std::string text;
    for (std::size_t i = 0; i < fields.size() && i < max; ++i) {
        text += (i == 0 ? "" : ", ") + json::printable(fields[i], 80);
    }
    return fields.size() > max ? text + " and more" : text;
}

std::string all_the_same(const RowsKnown& known) {
    std::string text = "request has no {{ field }} in it, so all ";
    if (known.rows) text += std::to_string(*known.rows) + ' ';
    text += "requests are the same";
    if (known.fields.empty()) return text + "; write {{ name }} where a row's field is to go";
    // The example should name a field that is likely to be the question, so not `custom_id`.
    const auto question = std::ranges::find_if(known.fields, [](const std::string& field) {
        return field != "custom_id";
    });
    const auto& shown = question == known.fields.end() ? known.fields.front() : *question;
    return text + "; the input has: " + listed(known.fields) + "; write {{ " +
           json::printable(shown, 80) + " }} where it is to go";
}

}  // namespace

std::vector<std::string> template_warnings(
    const Template& made, std::string_view request, const RowsKnown& known, const PlaceOf& place_of
) {
    // Walks over all strings of the JSON, names included, because `PlaceOf` counts them so.
    std::vector<std::string> warnings;
    std::size_t text = 0;
    for (auto at = request.find('"'); at != request.npos; at = request.find('"', at), ++text) {
        const auto end = json::end_of_string(request, at);
        const auto string = request.substr(at, end - at);
        at = end;
        const auto where = place_or_request(place_of, text) + ": ";
        if (const auto found = single_braces(string, known.fields); !found.empty()) {
            warnings.push_back(where + warning_of_braces(found));
        }
        if (const auto found = statement(string); !found.empty()) {
            warnings.push_back(where + warning_of_statement(found));
        }
    }
    // The number of rows of a stream is not known; it is taken for more than one.
    if (!made.has_places() && known.rows.value_or(2) > 1) {
        warnings.push_back(place_or_request(place_of, 0) + ": " + all_the_same(known));
    }
    return warnings;
}

}  // namespace skein::job
