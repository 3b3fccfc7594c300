// JSON text: escaping, validation of UTF-8, and safe display of untrusted text.
// Invariant: `append_string`, `valid_utf8` and `printable` give valid UTF-8 for any input.
// Long texts are scanned in blocks of 64 bytes without branches, which the compiler vectorizes.
// Pure functions: any thread.
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace skein::json {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view hex = "0123456789abcdef";

// The length of the valid UTF-8 sequence that starts at `at`; 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;  // Overlong encoding.
        if (first == 0xED && byte(1) > 0x9F) return 0;  // A surrogate.
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (first == 0xF0 && byte(1) < 0x90) return 0;
        if (first == 0xF4 && byte(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

// Decodes the UTF-8 sequence of `length` bytes at `at`.
unsigned code_point(std::string_view text, std::size_t at, std::size_t length) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if (length == 1) return byte(0);
    if (length == 2) return (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
    if (length == 3) {
        return (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    }
    return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 |
           (byte(3) & 0x3Fu);
}

void append_escape(std::string& out, unsigned code) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += hex[code >> shift & 0xF];
}

// One ASCII character as JSON wants it. DEL is escaped too, because terminals act on it.
void append_ascii(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                append_escape(out, static_cast<unsigned char>(c));
            } else {
                out += c;
            }
    }
}

// The bytes that a JSON string may hold as they are, and that are ASCII.
constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}
constexpr auto plain = make_plain();

// The block size of the scan. The loop over one block has no branch, so that the compiler turns it
// into a few SIMD instructions; see CMakeLists.txt for the flags.
constexpr std::size_t block = 64;

template <class Is>
bool any_in_block(const char* begin, Is is) {
    // Sixteen results side by side fit one vector register.
    std::array<unsigned char, 16> any{};
    for (std::size_t row = 0; row < block; row += any.size()) {
        for (std::size_t i = 0; i < any.size(); ++i) {
            const auto c = static_cast<signed char>(begin[row + i]);
            any[i] |= static_cast<unsigned char>(is(c));
        }
    }
    return any != std::array<unsigned char, 16>{};
}

// The last block may overlap the one before it, which changes nothing in the answer.
template <class Is>
bool any_of(std::string_view text, Is is) {
    if (text.size() < block) return std::ranges::any_of(text, is);
    for (std::size_t at = 0; at + block <= text.size(); at += block) {
        if (any_in_block(text.data() + at, is)) return true;
    }
    return any_in_block(text.data() + text.size() - block, is);
}

// As signed numbers, bytes beyond ASCII are negative: one comparison covers them and controls.
bool is_special(signed char c) {
    return static_cast<int>(c < 0x20) | static_cast<int>(c == 0x7F) | static_cast<int>(c == '"') |
           static_cast<int>(c == '\\');
}

// The first character at or after `at` that is not plain: a control, a quote, a backslash, or not
// ASCII.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
    const auto is_plain = [&](std::size_t begin) {
        return !any_in_block(text.data() + begin, is_special);
    };
    while (at + block <= text.size() && is_plain(at)) at += block;
    // Scan the rest as one block that overlaps the block before it.
    const bool ends = at + block > text.size() && text.size() >= block;
    if (ends && is_plain(text.size() - block)) return text.size();
    while (at < text.size() && plain[static_cast<unsigned char>(text[at])]) ++at;
    return at;
}

// Unicode characters that some tools take for the end of a line.
bool is_line_end(unsigned code) { return code == 0x85 || code == 0x2028 || code == 0x2029; }

// Control and bidirectional characters: they act on a terminal or disguise text, so they must not
// be shown unescaped.
bool is_treacherous(unsigned code) {
    if (code < 0x20) return code != '\t';
    return (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

// Plain stretches are copied whole; only the character that ends one is looked at by itself.
void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto end = end_of_plain(text, at);
        out.append(text, at, end - at);
        at = end;
        if (at == text.size()) break;
        const auto length = sequence_length(text, at);
        if (length == 0) {
            out += replacement;
        } else if (length == 1) {
            append_ascii(out, text[at]);
        } else if (const auto code = code_point(text, at, length); is_line_end(code)) {
            append_escape(out, code);
        } else {
            out.append(text, at, length);
        }
        at += std::max<std::size_t>(length, 1);
    }
    out += '"';
}

std::string without_line_ends(std::string json) {
    constexpr std::string_view next_line = "\xC2\x85";
    constexpr std::string_view separators = "\xE2\x80";  // U+2028 and others.
    // Most texts hold neither, and are returned as they are.
    if (json.find(next_line) == json.npos && json.find(separators) == json.npos) return json;
    std::string out;
    std::size_t copied = 0;
    // All that is wanted begins with one of these two bytes.
    for (std::size_t at = 0; (at = json.find_first_of("\xC2\xE2", at)) != json.npos;) {
        const auto length = std::max<std::size_t>(sequence_length(json, at), 1);
        if (const auto code = code_point(json, at, length); is_line_end(code)) {
            out.append(json, copied, at - copied);
            append_escape(out, code);
            copied = at + length;
        }
        at += length;
    }
    return out.append(json, copied);
}

bool has_control(std::string_view text) {
    return any_of(text, [](signed char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool is_printable_ascii(std::string_view text) {
    return !any_of(text, [](signed char c) {
        return static_cast<int>(c < 0x20) | static_cast<int>(c == 0x7F);
    });
}

void append_number(std::string& out, std::int64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
    out.append(digits.data(), end);
}

void append_number(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    std::array<char, 40> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
    out.append(digits.data(), end);
}

std::string valid_utf8(std::string_view text) {
    // Plain ASCII is valid UTF-8 already.
    if (end_of_plain(text, 0) == text.size()) return std::string{text};
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto length = sequence_length(text, at);
        out += length == 0 ? replacement : text.substr(at, length);
        at += std::max<std::size_t>(length, 1);
    }
    return out;
}

std::string printable(std::string_view text, std::size_t max) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        // Before a character, so that none is cut in two.
        if (out.size() >= max) return out += "…";
        const auto length = sequence_length(text, at);
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(text[at]);
            out += "\\x";
            out += hex[byte >> 4];
            out += hex[byte & 0xF];
        } else if (const auto code = code_point(text, at, length); is_treacherous(code)) {
            append_escape(out, code);
        } else {
            out.append(text, at, length);
        }
        at += std::max<std::size_t>(length, 1);
    }
    return out;
}

// The escapes are valid JSON, because outside of strings one line of JSON holds none of these
// characters.
std::string harmless(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (std::size_t at = 0; at < json.size();) {
        const auto length = std::max<std::size_t>(sequence_length(json, at), 1);
        const auto code = code_point(json, at, length);
        if (is_treacherous(code)) {
            append_escape(out, code);
        } else {
            out.append(json, at, length);
        }
        at += length;
    }
    return out;
}

}  // namespace skein::json
