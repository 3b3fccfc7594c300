#include "settings/column_source.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace skein::config {
namespace {

using Kind = ColumnSource::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 12> words{{
    {"text", Kind::text},
    {"id", Kind::id},
    {"json", Kind::json},
    {"row", Kind::row},
    {"finish_reason", Kind::finish_reason},
    {"model", Kind::model},
    {"endpoint", Kind::endpoint},
    {"cost", Kind::cost},
    {"input_tokens", Kind::input_tokens},
    {"output_tokens", Kind::output_tokens},
    {"error", Kind::error},
    {"status", Kind::status},
}};

ConfigError no_source(std::string_view text, std::string_view why = {}) {
    std::vector<std::string_view> known;
    std::string all;
    for (const auto& [word, kind] : words) {
        known.push_back(word);
        all.append(all.empty() ? "" : ", ").append(word);
        if (kind == Kind::json) all += " (json.a.b, json.a[0])";
        if (kind == Kind::row) all += ".FIELD";
    }
    return {
        .what = "a column must be one of " + all + ", not the text \"" + json::printable(text, 80) +
                '"' + std::string{why} +
                (nearest(text, known).empty() ? std::string{} : advice(text, known))};
}

// `.a[0].b` as `a.0.b`. Nothing: there is an empty part, or a bracket that does not hold a number.
std::optional<std::string> dotted(std::string_view rest) {
    std::string path;
    while (!rest.empty()) {
        const bool is_index = rest.front() == '[';
        if (!is_index && rest.front() != '.') return std::nullopt;
        rest.remove_prefix(1);
        const auto end = std::min(rest.find_first_of(is_index ? "]" : ".["), rest.size());
        const auto part = rest.substr(0, end);
        const bool is_number = !part.empty() && std::ranges::all_of(part, is_digit);
        const bool is_closed_only = !is_index && part.find(']') != part.npos;
        if (part.empty() || is_closed_only || (is_index && (!is_number || end == rest.size())))
            return std::nullopt;
        if (!path.empty()) path += '.';
        path += part;
        rest.remove_prefix(end + (is_index ? 1 : 0));
    }
    return path;
}

}  // namespace

Expected<ColumnSource, ConfigError> read_column_source(std::string_view text) {
    const auto end = std::min(text.find_first_of(".["), text.size());
    const auto* word =
        std::ranges::find(words, text.substr(0, end), &std::pair<std::string_view, Kind>::first);
    if (word == words.end()) return no_source(text);
    ColumnSource source{.kind = word->second};
    const auto rest = text.substr(end);
    if (source.kind == Kind::row) {
        // Any name may be that of a field, so one that is no path is taken as it stands.
        if (rest.size() < 2 || rest.front() != '.') {
            return no_source(text, "; name the field: row.FIELD");
        }
        source.field = rest.substr(1);
        source.path = dotted(rest).value_or(source.field);
        return source;
    }
    if (rest.empty()) return source;
    if (source.kind != Kind::json) return no_source(text, "; only json and row lead further");
    auto path = dotted(rest);
    if (!path) return no_source(text, "; its path is not like json.a.b or json.a[0]");
    source.path = std::move(*path);
    return source;
}

}  // namespace skein::config
