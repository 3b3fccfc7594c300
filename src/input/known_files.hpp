#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::input {

// A kind of file that is no list of prompts, and what makes one of it.
struct KnownFile {
    std::string_view name{};    // `a Parquet file`
    std::string_view advice{};  // How one would go on; {file} stands for the file's name.
};

// How many bytes of the beginning are enough to know any kind.
inline constexpr std::size_t bytes_to_know = 4096;

// What the beginning of a file says that it is, if that is no text at all: by the signature of its
// kind. A signature of a few letters counts only where bytes follow that no text has.
std::optional<KnownFile> known_binary(std::string_view head);

// The same of texts whose lines are no prompts: XML, a pretty-printed JSON object.
std::optional<KnownFile> known_text(std::string_view head);

// The same by the extension of a name, for texts that nothing else tells apart: `notes.md`.
std::optional<KnownFile> known_name(std::string_view file);

// `in.parquet is a Parquet file, whose bytes are no prompts. Type …`
std::string refusal_of(const KnownFile& known, std::string_view file);

// Bytes below U+0020 that texts have, as file(1) counts them: BEL, BS, HT, LF, VT, FF, CR and ESC.
constexpr bool is_text_control(char c) { return (c >= '\a' && c <= '\r') || c == '\x1B'; }

// A byte that no text has: NUL, another control, DEL.
constexpr bool is_binary(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && !is_text_control(c)) || c == '\x7F';
}

}  // namespace skein::input
