#include "input/delimiter.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace skein::input {
namespace {

constexpr std::array candidates{',', ';', '\t', '|'};
constexpr std::size_t max_header = 64 * 1024;  // A longer header is cut here.

// The length of the first line with its line end, outside of quotes; empty if it is not complete
// yet.
std::optional<std::size_t> line_length(std::string_view text, bool ended) {
    bool quoted = false;
    for (std::size_t i = 0; i < std::min(text.size(), max_header); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (quoted || (text[i] != '\r' && text[i] != '\n')) continue;
        if (text[i] == '\n') return i + 1;
        // A carriage return: the line feed of CR LF may not have arrived yet.
        if (i + 1 < text.size()) return text[i + 1] == '\n' ? i + 2 : i + 1;
        return ended ? std::optional{i + 1} : std::nullopt;
    }
    if (ended) return text.size();
    return text.size() >= max_header ? std::optional{max_header} : std::nullopt;
}

// The delimiter of a line `sep=;` or `"sep=;"`; 0 for any other line.
char named_by(std::string_view line) {
    while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
    if (line.size() > 2 && line.starts_with('"') && line.ends_with('"')) {
        line = line.substr(1, line.size() - 2);
    }
    const bool names =
        line.size() == 5 && same_letters(line.substr(0, 4), "sep=") && line[4] != '"';
    return names ? line[4] : '\0';
}

// By the header line alone, because rows have decimal commas and sentences (decisions.md, "The
// delimiter is guessed by the header line alone"). With equal counts the first candidate wins: a
// comma.
char most_frequent(std::string_view header) {
    std::array<std::size_t, candidates.size()> counts{};
    bool quoted = false;
    for (const char c : header) {
        if (c == '"') quoted = !quoted;
        const auto found = std::ranges::find(candidates, c);
        if (!quoted && found != candidates.end()) {
            ++counts[static_cast<std::size_t>(found - candidates.begin())];
        }
    }
    const auto max = std::ranges::max_element(counts);
    return candidates[static_cast<std::size_t>(max - counts.begin())];
}

}  // namespace

// Empty until the first line is complete. The setting wins over a line `sep=;`, which is skipped in
// any case, because it is no header.
std::optional<CsvBegin> csv_begin(std::string_view begun, char given, bool ended) {
    const auto length = line_length(begun, ended);
    if (!length) return std::nullopt;
    CsvBegin begin;
    const auto header = begun.substr(0, *length);
    const auto named = named_by(header);
    if (named != '\0') begin.skipped = header.size();
    if (given != '\0' || named != '\0') {
        begin.delimiter = given != '\0' ? given : named;
    } else {
        begin.delimiter = most_frequent(header);
    }
    return begin;
}

}  // namespace skein::input
