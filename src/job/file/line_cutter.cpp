// Cuts bytes into lines within one buffer. Invariant: `begin_` <= `scanned_` <= `filled_`; the
// bytes between `begin_` and `filled_` are the kept part of the current line.
#include "job/file/line_cutter.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstring>

namespace skein::job {

LineCutter::LineCutter(std::size_t max_length, std::size_t block)
    : max_{max_length}, block_{block}, buffer_(block) {
    SKEIN_ASSERT(block > 0);
}

// Moves the incomplete line to the front, so that its next bytes follow it without a gap. The texts
// of earlier lines become invalid here.
std::span<char> LineCutter::room() {
    const auto kept = filled_ - begin_;
    if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
    scanned_ -= begin_;
    begin_ = 0;
    filled_ = kept;
    // At least half a block must be free, because smaller reads would cost more system calls.
    if (kept + (block_ + 1) / 2 > buffer_.size()) {
        buffer_.resize(buffer_.size() * 2);
    } else if (buffer_.size() > 4 * block_ && kept < block_) {
        buffer_.resize(2 * block_);  // Gives memory back after a long line.
        buffer_.shrink_to_fit();
    }
    return std::span{buffer_}.subspan(filled_);
}

void LineCutter::filled(std::size_t bytes) {
    SKEIN_ASSERT(bytes <= buffer_.size() - filled_);
    filled_ += bytes;
}

std::optional<LineCutter::Line> LineCutter::next() {
    // Only new bytes are searched, so that a line of many blocks costs linear time.
    if (scanned_ < filled_) {
        const char* from = buffer_.data() + scanned_;
        if (const void* found = std::memchr(from, '\n', filled_ - scanned_)) {
            const auto at = static_cast<const char*>(found) - buffer_.data();
            return take(static_cast<std::size_t>(at) - begin_, true);
        }
        scanned_ = filled_;
        drop_what_is_too_long();
    }
    // A last line without a line feed counts, even if all of its bytes were dropped.
    if (ended_ && (begin_ < filled_ || dropped_ > 0)) return take(filled_ - begin_, false);
    return std::nullopt;
}

LineCutter::Line LineCutter::take(std::size_t length, bool ended) {
    Line line{
        .number = ++number_,
        .offset = offset_,
        .length = dropped_ + length,
        .too_long = dropped_ > 0 || length > max_,
        .ended = ended,
    };
    if (!line.too_long) line.text = {buffer_.data() + begin_, length};
    begin_ += length + (ended ? 1 : 0);
    scanned_ = begin_;
    offset_ += line.length + (ended ? 1 : 0);
    dropped_ = 0;
    return line;
}

// Keeps only the length of a line beyond the limit, so that memory stays bounded for a file without
// line feeds.
void LineCutter::drop_what_is_too_long() {
    const auto length = filled_ - begin_;
    if (dropped_ == 0 && length <= max_) return;
    dropped_ += length;
    begin_ = scanned_ = filled_;
}

}  // namespace skein::job
