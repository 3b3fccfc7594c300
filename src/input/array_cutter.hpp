#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::input {

// Cuts bytes into the values of a JSON array, however they are laid out over lines. Knows brackets,
// strings and commas alone: whether a value is valid is for those who parse it.
//
// Does not read: give it bytes by `room` and `filled`, then `end`, and ask by `next`. Holds a block
// and the value under way; of a value longer than the limit nothing but its length.
class ArrayCutter {
public:
    struct Value {
        std::uint64_t number = 0;  // Counted from 1.
        std::string_view text{};   // Valid until the next call of `room`.
        std::uint64_t length = 0;
        bool too_long = false;  // Then `text` is empty.
    };

    explicit ArrayCutter(std::size_t longest, std::size_t block = 256 * 1024);

    std::span<char> room();
    void filled(std::size_t bytes);
    void end() { ended_ = true; }

    // Nothing: give more; or, after `end` or where there is a problem, that was all.
    std::optional<Value> next();

    // Why this is no array, and in which line; empty if it is one so far.
    const std::string& problem() const { return problem_; }
    std::uint64_t line() const { return line_; }

private:
    enum class At : std::uint8_t { start, value_or_end, value, inside, comma, after, broken };
    std::optional<Value> step(char c);
    void between(char c);
    bool ends_value(char c);
    void begin_value(char c);
    Value take();
    void drop_what_is_too_long();
    void fail(std::string why);

    std::size_t longest_;
    std::size_t block_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // Of the value under way.
    std::size_t scanned_ = 0;  // Up to here the bytes are known.
    std::size_t filled_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t dropped_ = 0;
    std::size_t depth_ = 0;  // Brackets open in the value under way.
    bool in_string_ = false;
    bool escaped_ = false;
    bool is_scalar_ = false;  // A number or a word: it ends where something else begins.
    bool ended_ = false;
    At at_ = At::start;
    std::string problem_;
};

}  // namespace skein::input
