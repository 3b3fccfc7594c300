#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::input {

// A place in a text, both counted from 1; the column in characters.
struct TextPlace {
    std::uint64_t line = 1;
    std::uint64_t column = 1;

    std::string text() const { return std::to_string(line) + ':' + std::to_string(column); }
};

// The first byte of a line that is no part of a text.
struct BadByte {
    enum class Kind : std::uint8_t { not_utf8, control };
    Kind kind = Kind::not_utf8;
    std::size_t at = 0;
    unsigned char byte = 0;
};

// Finds it: a byte that is not UTF-8, or a control that texts do not have. In `records` of CSV a
// carriage return may stand between quotes; in a line of text it is the line end of an old Mac.
enum class Lines : std::uint8_t { text, records };
std::optional<BadByte> first_bad_byte(std::string_view line, Lines lines = Lines::text);

// How many bytes at the end of `text` begin a character whose rest is missing: 0 to 3.
std::size_t begun_character(std::string_view text);

// Characters of a valid text.
std::uint64_t characters(std::string_view text);

// What is wrong, what the file probably is, and the setting that reads it.
std::string words_for(const BadByte& bad, std::string_view line);

// Follows a text that comes in pieces, each a line or a part of one, and finds its first bad byte.
class TextCheck {
public:
    struct Found {
        TextPlace place{};
        std::string what{};
    };

    // `ends_line`: the piece ends with a line end. One that does not may end within a character.
    std::optional<Found> add(std::string_view piece, bool ends_line);

    // The text ends, maybe within a character.
    std::optional<Found> end();

    // A line that is not looked at.
    void skip_line() { ++place_.line; }

    std::uint64_t line() const { return place_.line; }

private:
    TextPlace place_;
    std::string begun_;          // Bytes of a character that was cut.
    bool after_return_ = false;  // A line feed now belongs to the line end before it.
};

}  // namespace skein::input
