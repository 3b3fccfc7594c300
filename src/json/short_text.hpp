// A string builder with a fixed capacity on the stack.
#pragma once
#include "base/assert.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace skein {

// Builds a short text of words and numbers, which is then appended to a string in one step. Faster
// than appending each word, because a std::string checks its capacity at every append.
//
//     out += ShortText<64>{} << R"(","id":)" << id << R"(,"last":)" << last;
template <std::size_t max>
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
        make_room(max_number);
        char* const at = text_.data() + size_;
        size_ += static_cast<std::size_t>(std::to_chars(at, at + max_number, number).ptr - at);
        return *this;
    }

    operator std::string_view() const { return {text_.data(), size_}; }

private:
    static constexpr std::size_t max_number = 20;  // 64 bits in decimal, with a sign.

    void make_room(std::size_t size) const { SKEIN_ASSERT(size <= max - size_); }

    std::array<char, max> text_;  // Not initialized: only written bytes are read.
    std::size_t size_ = 0;
};

}  // namespace skein
