#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::input {

// An incremental tokenizer (a push parser) that splits a byte stream into the values of a JSON
// array, in any layout of lines. It knows only brackets, strings and commas; whether a value is
// valid JSON is decided by its parser.
//
// Does no I/O: give it bytes by `room` and `filled`, then `end`, and take values by `next`. Memory:
// one block plus the present value; of a value longer than the limit only the length is kept. One
// thread at a time.
class ArrayCutter {
public:
    struct Value {
        std::uint64_t number = 0;  // Counted from 1.
        std::string_view text{};   // Valid until the next call of `room`.
        std::uint64_t length = 0;
        bool too_long = false;  // Then `text` is empty.
    };

    explicit ArrayCutter(std::size_t max_length, std::size_t block = 256 * 1024);

    std::span<char> room();
    void filled(std::size_t bytes);
    void end() { ended_ = true; }

    // The next value. Empty: more bytes are needed; or, after `end` or with a `problem`, there are
    // no more values.
    std::optional<Value> next();

    // The error that ended the array, found in line `line()`; empty if there is none so far.
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

    std::size_t max_;
    std::size_t block_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // Begin of the present value.
    std::size_t scanned_ = 0;  // The bytes before this offset were processed.
    std::size_t filled_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t dropped_ = 0;
    std::size_t depth_ = 0;  // Open brackets in the present value.
    bool in_string_ = false;
    bool escaped_ = false;
    bool is_scalar_ = false;  // A number or a word: ends before a comma, bracket or space.
    bool ended_ = false;
    At at_ = At::start;
    std::string problem_;
};

}  // namespace skein::input
