#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::input {

// A position in a text. Line and column count from 1; the column counts characters, not bytes.
struct TextPlace {
    std::uint64_t line = 1;
    std::uint64_t column = 1;

    std::string text() const { return std::to_string(line) + ':' + std::to_string(column); }
};

// The first byte of a line that cannot be part of a text.
struct BadByte {
    enum class Kind : std::uint8_t { not_utf8, control };
    Kind kind = Kind::not_utf8;
    std::size_t at = 0;
    unsigned char byte = 0;
};

// Finds the first byte that is not UTF-8, or is a control character that texts do not contain. In
// `records` of CSV a carriage return may stand between quotes; in `text` it is an error, because it
// is the line end of an old Mac.
enum class Lines : std::uint8_t { text, records };
std::optional<BadByte> first_bad_byte(std::string_view line, Lines lines = Lines::text);

// The number of bytes of an incomplete UTF-8 character at the end of `text`: 0 to 3.
std::size_t begun_character(std::string_view text);

// The number of characters of valid UTF-8.
std::uint64_t characters(std::string_view text);

// The error message: what is wrong, the probable encoding, and the setting that selects it.
std::string words_for(const BadByte& bad, std::string_view line);

// Checks a text that arrives in pieces, each a line or a part of a line, and reports bad bytes with
// their position. One thread at a time.
class TextCheck {
public:
    struct Found {
        TextPlace place{};
        std::string what{};
    };

    // `ends_line`: the piece ends with a line end. Any other piece may end within a character.
    std::optional<Found> add(std::string_view piece, bool ends_line);

    // The text ends: reports a character that is incomplete.
    std::optional<Found> end();

    // Counts a line that is not checked.
    void skip_line() { ++place_.line; }

    std::uint64_t line() const { return place_.line; }

private:
    TextPlace place_;
    std::string begun_;          // First bytes of a character cut by a piece's end.
    bool after_return_ = false;  // A line feed now is the second half of CR LF.
};

}  // namespace skein::input
