// What a fuzzer gives: a first line of choices, and the text after it. So an input can be read, and
// written by hand.
#pragma once
#include "base/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace skein::fuzz {

class Given {
public:
    Given(const std::uint8_t* bytes, std::size_t size)
        : text_{reinterpret_cast<const char*>(bytes), size} {
        choices_ = next_line();
    }

    // One of `n`: the next character of the first line, `0` being the first. None left: the first.
    std::size_t choice(std::size_t n) {
        if (choices_.empty()) return 0;
        const auto given = static_cast<unsigned char>(choices_.front() - '0');
        choices_.remove_prefix(1);
        return given % n;
    }

    template <class T, std::size_t n>
    const T& one_of(const T (&all)[n]) {
        return all[choice(n)];
    }

    // A line of the text, without its end; the whole rest, if there is no line end in it.
    std::string_view next_line() {
        const auto line = text_.substr(0, text_.find('\n'));
        text_.remove_prefix(std::min(line.size() + 1, text_.size()));
        return line;
    }

    std::string_view text() const { return text_; }

    // Calls `f(piece)` for one piece after the other, for as long as it wants more. What is left of
    // the first line are the lengths, over and over: `a` is one byte, `z` are 26. Each piece lies
    // in memory of its own, so that a step beyond it is seen.
    template <class F>
    void cut(F&& f) const {
        auto rest = text_;
        for (std::size_t i = 0; !rest.empty(); ++i) {
            const auto size =
                choices_.empty() ? rest.size() : length(choices_[i % choices_.size()]);
            const std::vector<char> piece(rest.begin(), rest.begin() + std::min(size, rest.size()));
            rest.remove_prefix(piece.size());
            if (!f(std::string_view{piece.data(), piece.size()})) return;
        }
    }

private:
    static std::size_t length(char c) { return std::max<std::size_t>(c & 0x1F, 1); }

    std::string_view text_;
    std::string_view choices_;
};

}  // namespace skein::fuzz
