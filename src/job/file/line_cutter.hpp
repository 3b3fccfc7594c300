#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace skein::job {

// Cuts bytes into lines. Does no I/O: the caller puts bytes in with `room` and `filled`, then calls
// `end`, and takes lines with `next`.
//
// Memory: one block and the current line. Of a line longer than the limit only the number and the
// length are kept.
class LineCutter {
public:
    struct Line {
        std::uint64_t number = 0;  // Counted from 1.
        std::uint64_t offset = 0;
        std::string_view text{};  // Without the line feed. Valid until the next call of `room`.
        std::uint64_t length = 0;
        bool too_long = false;  // If true, `text` is empty.
        bool ended = false;     // False for a last line without a line feed.
    };

    explicit LineCutter(std::size_t max_length, std::size_t block = 256 * 1024);

    // The buffer for more bytes; never empty. Call it only after `next` returned nothing.
    std::span<char> room();
    void filled(std::size_t bytes);

    // No more bytes will come.
    void end() { ended_ = true; }

    // The next line. Nothing: more bytes are needed, or, after `end`, there are no more lines.
    std::optional<Line> next();

private:
    Line take(std::size_t length, bool ended);
    void drop_what_is_too_long();

    std::size_t max_;
    std::size_t block_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // Begin of the bytes that are not cut yet.
    std::size_t filled_ = 0;   // End of these bytes.
    std::size_t scanned_ = 0;  // Up to here there is no line feed in them.
    std::uint64_t number_ = 0;
    std::uint64_t offset_ = 0;   // Offset of the current line in the input.
    std::uint64_t dropped_ = 0;  // Bytes of the current line that are not kept.
    bool ended_ = false;
};

}  // namespace skein::job
