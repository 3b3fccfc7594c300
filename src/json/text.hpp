// Writes JSON by appending to a string, without a tree; and makes untrusted text safe to show.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace skein::json {

// Appends `text` quoted and escaped. Control characters, U+0085, U+2028 and U+2029 are escaped, so
// that the result is one line for every tool; bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

// Valid JSON with U+0085, U+2028 and U+2029 escaped: JSON allows them in strings, but some tools
// end a line at them.
std::string without_line_ends(std::string json);

// Whether the text contains a line end or another control character below U+0020.
bool has_control(std::string_view text);

// Whether all characters are U+0020 to U+007E; such text needs no further checks.
bool is_printable_ascii(std::string_view text);

void append_number(std::string& out, std::int64_t number);

// The shortest text that reads back as the same number; `null` for NaN and infinity.
void append_number(std::string& out, double number);

// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// `text` with every C0 (but tab), DEL, C1, bidirectional control and invalid byte made visible as
// `\xNN` or `\uNNNN`, line ends included, so that foreign text can be shown on a terminal or in a
// log line. Cut after `max` bytes, with an ellipsis.
std::string printable(std::string_view text, std::size_t max = 2048);

// One line of valid JSON, safe for a terminal: the same characters are written as JSON escapes, so
// that a JSON parser still reads the original text.
std::string harmless(std::string_view json);

}  // namespace skein::json
