// Words and numbers one after the other, with a length that is known beforehand.
#pragma once
#include "base/assert.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace skein {

// Put together where it stands, and then appended in one go: a growing string asks at every word
// whether there is room, which for a line of twenty words costs more than the line.
//
//     out += ShortText<64>{} << R"(","id":)" << id << R"(,"last":)" << last;
template <std::size_t most>
class ShortText {
public:
    template <std::size_t size>
    ShortText& operator<<(const char (&words)[size]) {
        make_room(size - 1);
        std::memcpy(text_.data() + size_, words, size - 1);
        size_ += size - 1;
        return *this;
    }

    ShortText& operator<<(char c) {
        make_room(1);
        text_[size_++] = c;
        return *this;
    }

    template <std::integral Number>
    ShortText& operator<<(Number number) {
        make_room(longest_number);
        char* const at = text_.data() + size_;
        size_ += static_cast<std::size_t>(std::to_chars(at, at + longest_number, number).ptr - at);
        return *this;
    }

    operator std::string_view() const { return {text_.data(), size_}; }

private:
    static constexpr std::size_t longest_number = 20;  // Of 64 bits, in decimal, with its sign.

    void make_room(std::size_t size) const { SKEIN_ASSERT(size <= most - size_); }

    std::array<char, most> text_;  // Not cleared: what is not written is not read.
    std::size_t size_ = 0;
};

}  // namespace skein
