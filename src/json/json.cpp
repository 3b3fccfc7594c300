// Reads untrusted JSON: parsing with a limit on depth, repair of invalid text, and look-up of
// members by name and type.
// Invariant: invalid input is an error value, never an exception.
// Each thread has its own parser and reuses its buffer. A buffer above 1 MiB is freed at the next
// smaller text.
#include "json/json.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace skein::json {
namespace {

// One long answer must not hold its memory on every thread for the rest of the run.
constexpr std::size_t max_kept = 1024 * 1024;

// The code of a surrogate that is escaped at `at` (`\ud83d`); 0 for anything else.
unsigned surrogate_at(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
    unsigned code = 0;
    const char* end = text.data() + at + 6;
    const auto [stop, error] = std::from_chars(end - 4, end, code, 16);
    // All four digits must be hexadecimal: `from_chars` stops early at another character.
    if (error != std::errc{} || stop != end) return 0;
    return code >= 0xD800 && code <= 0xDFFF ? code : 0;
}

// The first escape of a lone surrogate (half of a pair) at or after `at`. In JSON a backslash
// always begins an escape of two or more characters, so the search can step over them.
std::size_t find_lone_surrogate(std::string_view text, std::size_t at) {
    while ((at = text.find('\\', at)) != std::string_view::npos) {
        const auto first = surrogate_at(text, at);
        if (first == 0) {
            at += 2;
        } else if (first < 0xDC00 && surrogate_at(text, at + 6) >= 0xDC00) {
            at += 12;
        } else {
            return at;
        }
    }
    return at;
}

}  // namespace

simdjson::simdjson_result<Element> parse(std::string_view text, std::size_t depth) {
    if (text.empty()) return simdjson::EMPTY;
    thread_local simdjson::dom::parser parser;
    if (parser.capacity() > max_kept && text.size() < max_kept) {
        parser = simdjson::dom::parser{};
    }
    const auto levels = depth + 1;  // simdjson counts the root as a level, too.
    if (parser.capacity() < text.size() || parser.max_depth() != levels) {
        const auto error = parser.allocate(std::max<std::size_t>(text.size(), 4096), levels);
        if (error) return error;
    }
    return parser.parse(text.data(), text.size());
}

std::string_view mended(std::string_view text, std::string& storage) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        storage = valid_utf8(text);
        text = storage;
    }
    auto at = find_lone_surrogate(text, 0);
    if (at == std::string_view::npos) return text;
    if (text.data() != storage.data()) storage = text;
    // The replacement has the length of the escape, so no text moves.
    for (; at != std::string::npos; at = find_lone_surrogate(storage, at)) {
        storage.replace(at, 6, "\\ufffd");
    }
    return storage;
}

// The common case first: printable ASCII is one line already, and one pass over the text shows it.
std::string one_line(std::string json) {
    const bool is_trimmed = trimmed(json).size() == json.size();
    if (is_trimmed && is_printable_ascii(json)) return json;
    const bool is_one = is_trimmed && !has_control(json);
    return is_one ? without_line_ends(std::move(json)) : compact(json);
}

std::string compact(std::string_view json) {
    std::string text(json.size(), '\0');
    std::size_t length = 0;
    // Valid JSON cannot fail here; `null` keeps the line valid if it was not.
    if (simdjson::minify(json.data(), json.size(), text.data(), length)) return "null";
    text.resize(length);
    return without_line_ends(std::move(text));
}

std::string one_line(Element element) { return without_line_ends(simdjson::minify(element)); }

std::optional<Element> member(Element element, std::string_view name) {
    simdjson::dom::object object;
    Element found;
    if (element.get(object) || object.at_key(name).get(found) || found.is_null()) {
        return std::nullopt;
    }
    return found;
}

void find_members(
    Element element,
    std::span<const std::string_view> names,
    std::span<std::optional<Element>> found
) {
    simdjson::dom::object object;
    if (element.get(object)) return;
    std::size_t seen = 0;  // One bit per name, so that the first of two equal names wins.
    for (const auto field : object) {
        const auto named = std::ranges::find(names, field.key);
        if (named == names.end()) continue;
        const auto which = static_cast<std::size_t>(named - names.begin());
        const auto bit = std::size_t{1} << which;
        if ((seen & bit) != 0) continue;
        seen |= bit;
        // A null is seen as well, so that a second member of the same name does not take its place.
        if (!field.value.is_null()) found[which] = field.value;
    }
}

std::optional<std::string_view> text_member(Element element, std::string_view name) {
    std::string_view text;
    const auto found = member(element, name);
    return found && !found->get(text) ? std::optional{text} : std::nullopt;
}

std::optional<std::int64_t> whole_member(Element element, std::string_view name) {
    std::int64_t number = 0;
    const auto found = member(element, name);
    return found && !found->get(number) ? std::optional{number} : std::nullopt;
}

std::optional<simdjson::dom::array> list_member(Element element, std::string_view name) {
    simdjson::dom::array list;
    const auto found = member(element, name);
    return found && !found->get(list) ? std::optional{list} : std::nullopt;
}

// The text for the depth names the usual limit: use it only after a `parse` with that limit.
std::string why_not(simdjson::error_code error) {
    switch (error) {
        case simdjson::EMPTY:
            return "it is empty";
        case simdjson::UTF8_ERROR:
            return "it is not valid UTF-8";
        case simdjson::DEPTH_ERROR:
            return "it is nested more than " + std::to_string(usual_depth) + " deep";
        case simdjson::NUMBER_ERROR:
            return "a number in it is malformed or too large";
        case simdjson::STRING_ERROR:
            return "a string in it holds a malformed escape";
        case simdjson::UNCLOSED_STRING:
            return "a string in it is not closed";
        case simdjson::UNESCAPED_CHARS:
            return "a string in it holds a control character";
        default:
            return "it is not valid JSON";
    }
}

}  // namespace skein::json
