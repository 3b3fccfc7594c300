#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace skein::job {

// Cuts bytes into lines. Does not read: give it bytes by `room` and `filled`, then `end`, and ask
// for lines by `next`.
//
// Holds a block and the line under way; of a line longer than the limit nothing is kept but its
// number and its length.
class LineCutter {
public:
    struct Line {
        std::uint64_t number = 0;  // Counted from 1.
        std::uint64_t offset = 0;
        std::string_view text{};  // Without the line end. Valid until the next call of `room`.
        std::uint64_t length = 0;
        bool too_long = false;  // Then `text` is empty.
        bool ended = false;     // False for a last line without a line end.
    };

    explicit LineCutter(std::size_t longest, std::size_t block = 256 * 1024);

    // Where more bytes can be put; never empty. To be called when `next` gave nothing.
    std::span<char> room();
    void filled(std::size_t bytes);

    // No more bytes will come.
    void end() { ended_ = true; }

    // Nothing: give more, or, after `end`, that was all.
    std::optional<Line> next();

private:
    Line take(std::size_t length, bool ended);
    void drop_what_is_too_long();

    std::size_t longest_;
    std::size_t block_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // What is not yet cut lies from here
    std::size_t filled_ = 0;   // to here,
    std::size_t scanned_ = 0;  // and up to here there is no line end in it.
    std::uint64_t number_ = 0;
    std::uint64_t offset_ = 0;   // Of the line under way.
    std::uint64_t dropped_ = 0;  // Bytes of the line under way that are not kept.
    bool ended_ = false;
};

}  // namespace skein::job
