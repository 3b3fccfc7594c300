#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace skein::input {

// Makes UTF-8 of another encoding, by iconv(3). Nothing is ever replaced: a byte that the encoding
// does not have is an error.
class Decoder {
public:
    // Has iconv(3) an encoding of this name? A name with a slash is none: iconv takes what stands
    // behind it for leave to drop characters.
    static bool knows(const std::string& encoding);

    // The encoding must be known.
    explicit Decoder(const std::string& encoding);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    struct Step {
        std::size_t taken = 0;  // Bytes that are done with. Fewer than all: more, or more room.
        std::size_t made = 0;
        bool failed = false;  // At the byte after those taken.
    };
    // `last`: no more bytes follow these, so that half a character is an error.
    Step decode(std::string_view bytes, std::span<char> room, bool last);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A byte order mark at the beginning of a text, and the encoding that it names.
struct Mark {
    std::string_view bytes{};
    std::string_view encoding{};  // `utf-16le`; empty if there is no mark.
};
Mark mark_of(std::string_view head);

// UTF-16 or UTF-32 without a mark, by where the NULs stand in ASCII; else an empty text.
std::string encoding_by_zeros(std::string_view head);

// Is it UTF-8 under one of its names? Empty counts as UTF-8.
bool is_utf8(std::string_view encoding);

}  // namespace skein::input
