// Finds bytes in the input that are no UTF-8 text, and suggests the encoding that the file has.
// Invariant: a multi-byte character may be split between two pieces; it is checked when complete.
// No I/O; runs on the thread that reads the input.
#include "input/text_check.hpp"

#include "base/ascii.hpp"
#include "input/decoder.hpp"
#include "input/known_files.hpp"
#include "json/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace skein::input {
namespace {

constexpr std::size_t shown_of_a_line = 60;

bool is_valid(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string hex_of(unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string{"0x"} + digits[byte >> 4] + digits[byte & 0xF];
}

// The length of the longest valid prefix. Slow, one character at a time: only called for lines that
// are known to be invalid.
std::size_t valid_bytes(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t length = 1;
        while (length <= 4 && at + length <= text.size() && !is_valid(text.substr(at, length))) {
            ++length;
        }
        if (length > 4 || at + length > text.size()) break;
        at += length;
    }
    return at;
}

bool is_control(char c, Lines lines) { return is_binary(c) || (c == '\r' && lines == Lines::text); }

// The text around the byte, decoded as windows-1252, so that the user can see whether that is the
// right encoding. Empty if it cannot be decoded so.
std::string as_western(std::string_view line, std::size_t at) {
    const auto begin = at > shown_of_a_line / 2 ? at - shown_of_a_line / 2 : 0;
    const auto some = trimmed(line.substr(begin, shown_of_a_line));
    const std::string western = "windows-1252";
    if (!Decoder::knows(western)) return {};  // An iconv without its modules.
    Decoder decoder{western};
    std::array<char, 4 * shown_of_a_line> room{};
    const auto step = decoder.decode(some, room, true);
    if (step.failed || step.taken < some.size()) return {};
    return json::printable({room.data(), step.made}, room.size());
}

}  // namespace

// Three passes at most, each one fast: plain ASCII, controls, UTF-8. The slow search for the place
// runs only if there is an error.
std::optional<BadByte> first_bad_byte(std::string_view line, Lines lines) {
    std::optional<BadByte> found;
    // Fast path, true for most lines.
    if (json::is_printable_ascii(line)) return found;
    if (json::has_control(line) || line.find('\x7F') != line.npos) {
        const auto control =
            std::ranges::find_if(line, [&](char c) { return is_control(c, lines); });
        if (control != line.end()) {
            const auto at = static_cast<std::size_t>(control - line.begin());
            found = {BadByte::Kind::control, at, static_cast<unsigned char>(*control)};
        }
    }
    // Invalid UTF-8 before the control character, if there is any, comes first.
    const auto before = line.substr(0, found ? found->at : line.size());
    if (is_valid(before)) return found;
    const auto at = valid_bytes(before);
    return BadByte{BadByte::Kind::not_utf8, at, static_cast<unsigned char>(line[at])};
}

// Looks back at most three bytes for the first byte of a character, which tells its whole length.
std::size_t begun_character(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(3, text.size()); ++length) {
        const auto byte = static_cast<unsigned char>(text[text.size() - length]);
        if (byte < 0x80) return 0;
        if (byte < 0xC0) continue;
        const std::size_t whole = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return whole > length ? length : 0;
    }
    return 0;
}

std::uint64_t characters(std::string_view text) {
    return static_cast<std::uint64_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string words_for(const BadByte& bad, std::string_view line) {
    if (bad.kind == BadByte::Kind::control && bad.byte == '\r') {
        return "a carriage return (0x0D) within a line: are these the line ends of an old Mac? "
               "Make them new ones: tr '\\r' '\\n'";
    }
    auto text = "the byte " + hex_of(bad.byte);
    if (bad.kind == BadByte::Kind::control) {
        return text +
               " is in no text: is this a binary file, or UTF-16 without a byte order mark "
               "(input.encoding: utf-16le)?";
    }
    text += " is not UTF-8; ";
    const auto western = as_western(line, bad.at);
    if (western.empty()) return text + "set input.encoding to what the file is (iconv -l)";
    return text + "if `" + western +
           "` is right, set input.encoding: windows-1252, else to what "
           "the file is (iconv -l)";
}

// A character that is cut by the end of a piece is kept in `begun_` and checked with the next
// piece.
std::optional<TextCheck::Found> TextCheck::add(std::string_view piece, bool ends_line) {
    if (after_return_ && piece == "\n") {  // The second half of a line end.
        after_return_ = false;
        return std::nullopt;
    }
    after_return_ = piece.ends_with('\r');
    std::string joined;
    auto text = piece;
    if (!begun_.empty()) text = joined = std::exchange(begun_, {}).append(piece);
    if (!ends_line) {
        const auto begun = begun_character(text);
        begun_ = text.substr(text.size() - begun);
        text.remove_suffix(begun);
    }
    std::optional<Found> found;
    if (const auto bad = first_bad_byte(text, Lines::records)) {
        const auto before = characters(text.substr(0, bad->at));
        found = Found{{place_.line, place_.column + before}, words_for(*bad, text)};
    }
    if (piece.ends_with('\n') || piece.ends_with('\r')) {
        place_ = {place_.line + 1, 1};
    } else {
        place_.column += characters(text);
    }
    return found;
}

std::optional<TextCheck::Found> TextCheck::end() {
    if (begun_.empty()) return std::nullopt;
    const auto first = static_cast<unsigned char>(begun_.front());
    return Found{place_, words_for({BadByte::Kind::not_utf8, 0, first}, begun_)};
}

}  // namespace skein::input
