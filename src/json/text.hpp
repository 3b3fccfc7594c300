// Writes JSON by appending text: no tree, no allocation but the growing string.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace skein::json {

// Appends `text` quoted and escaped. Control characters, U+0085, U+2028 and U+2029 are escaped, so
// that the result is one line for every tool; bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

// Valid JSON with U+0085, U+2028 and U+2029 escaped: to JSON they are characters like any other,
// and some tools end a line at them.
std::string without_line_ends(std::string json);

// Is there a line end or another control character below U+0020 in it?
bool has_control(std::string_view text);

// Nothing but U+0020 to U+007E: text that needs no closer look.
bool is_printable_ascii(std::string_view text);

void append_number(std::string& out, std::int64_t number);

// The shortest text that reads back as the same number; `null` for what JSON cannot say.
void append_number(std::string& out, double number);

// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// `text` with every C0 (but tab), DEL, C1, bidirectional control and invalid byte made visible as
// `\xNN` or `\uNNNN`, line ends included, so that foreign text can be shown on a terminal or in a
// log line. Cut after `most` bytes, with an ellipsis.
std::string printable(std::string_view text, std::size_t most = 2048);

// One line of valid JSON as it may be shown on a terminal: the same characters as their escapes,
// so that whoever reads JSON reads what was there.
std::string harmless(std::string_view json);

}  // namespace skein::json
