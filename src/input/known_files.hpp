#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::input {

// A kind of file that is no list of prompts, with a shell command that converts it to one.
struct KnownFile {
    std::string_view name{};    // `a Parquet file`
    std::string_view advice{};  // Shell command; {file} is the placeholder for the file's name.
};

// Bytes at the beginning of a file that suffice to detect every kind.
inline constexpr std::size_t bytes_to_know = 4096;

// Detects a binary file by its signature (magic number); empty for text. A signature of a few
// letters counts only if binary bytes are in the head, too, because a text may begin with it.
std::optional<KnownFile> known_binary(std::string_view head);

// Detects text files whose lines are no prompts by their beginning: XML, HTML, YAML with a
// directive, and others.
std::optional<KnownFile> known_text(std::string_view head);

// Detects text files by the extension of their name, if the content has no signature: `notes.md`.
std::optional<KnownFile> known_name(std::string_view file);

// The error message for such a file: what it is, and the command that makes rows of it.
std::string refusal_of(const KnownFile& known, std::string_view file);

// Control characters that occur in texts, as file(1) counts them: BEL, BS, HT, LF, VT, FF, CR, ESC.
constexpr bool is_text_control(char c) { return (c >= '\a' && c <= '\r') || c == '\x1B'; }

// A byte that does not occur in text: NUL, any other control character, DEL.
constexpr bool is_binary(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && !is_text_control(c)) || c == '\x7F';
}

}  // namespace skein::input
