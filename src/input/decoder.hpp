#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace skein::input {

// Converts text of another encoding to UTF-8, by iconv(3). Invalid bytes are never replaced: a byte
// that the encoding does not define is an error. One thread at a time.
class Decoder {
public:
    // Whether iconv(3) has an encoding with this name. A name with a slash is refused, because
    // suffixes such as `//IGNORE` make iconv drop characters.
    static bool knows(const std::string& encoding);

    // Precondition: `knows(encoding)`.
    explicit Decoder(const std::string& encoding);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    struct Step {
        std::size_t taken = 0;  // Bytes consumed. Fewer than all: give more bytes or room.
        std::size_t made = 0;
        bool failed = false;  // The byte after those taken is invalid.
    };
    // `last`: no bytes follow, so that an incomplete character at the end is an error.
    Step decode(std::string_view bytes, std::span<char> room, bool last);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A byte order mark (BOM) at the beginning of a text, and its encoding.
struct Mark {
    std::string_view bytes{};
    std::string_view encoding{};  // `utf-16le`; empty if there is no mark.
};
Mark mark_of(std::string_view head);

// Detects UTF-16 or UTF-32 without a BOM, by the NUL bytes of the first ASCII characters; empty for
// any other text.
std::string encoding_by_zeros(std::string_view head);

// Whether the name means UTF-8. An empty name does.
bool is_utf8(std::string_view encoding);

}  // namespace skein::input
