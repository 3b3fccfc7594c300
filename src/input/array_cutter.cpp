// Splits a byte stream into the values of a JSON array: a finite state machine (At) that reads one
// byte at a time, and survives a block boundary at any byte.
// Invariant: begin_ <= scanned_ <= filled_ <= buffer_.size(). The buffer moves only in `room`, so a
// value's view is valid until then.
// No I/O; runs on the thread that reads the input.
#include "input/array_cutter.hpp"

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "json/text.hpp"

#include <cstring>
#include <utility>

namespace skein::input {

ArrayCutter::ArrayCutter(std::size_t max_length, std::size_t block)
    : max_{max_length}, block_{block}, buffer_(block) {
    SKEIN_ASSERT(block > 0);
}

// The place for the next bytes. It moves the buffer, so a value's view ends here.
std::span<char> ArrayCutter::room() {
    // Keep the present value, or only the bytes that were not processed, at the front.
    const bool keeps = at_ == At::inside;
    const auto from = keeps ? begin_ : scanned_;
    const auto kept = filled_ - from;
    if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + from, kept);
    scanned_ -= from;
    begin_ = 0;
    filled_ = kept;
    // Offer at least half a block of room; a long value doubles the buffer, at amortized cost.
    if (kept + (block_ + 1) / 2 > buffer_.size()) {
        buffer_.resize(buffer_.size() * 2);
    } else if (buffer_.size() > 4 * block_ && kept < block_) {
        buffer_.resize(2 * block_);  // Shrink again after a long value.
        buffer_.shrink_to_fit();
    }
    return std::span{buffer_}.subspan(filled_);
}

void ArrayCutter::filled(std::size_t bytes) {
    SKEIN_ASSERT(bytes <= buffer_.size() - filled_);
    filled_ += bytes;
}

std::optional<ArrayCutter::Value> ArrayCutter::next() {
    while (scanned_ < filled_ && at_ != At::broken) {
        const char c = buffer_[scanned_];
        auto value = step(c);
        // With a value, the byte is already consumed (a bracket or quote), or it follows a number
        // and must be read again as a comma, bracket or space.
        if (at_ == At::inside || !value) {
            if (c == '\n') ++line_;
            ++scanned_;
        }
        if (value) return value;
    }
    drop_what_is_too_long();
    // A list that is not closed was cut off. Its whole values have been given, but it must not pass
    // for a complete input.
    if (ended_ && at_ != At::after && at_ != At::broken) {
        fail(
            at_ == At::start ? "it holds nothing"
                             : "the JSON list is cut off: it is never closed, after " +
                                   std::to_string(number_) + " whole values"
        );
    }
    return std::nullopt;
}

// Processes one byte. Returns a value that ends with this byte, or, for a number or a word, before
// it.
std::optional<ArrayCutter::Value> ArrayCutter::step(char c) {
    if (at_ != At::inside) {
        between(c);
        return std::nullopt;
    }
    if (is_scalar_) {
        if (c != ',' && c != ']' && !is_space(c)) return std::nullopt;
        at_ = At::comma;
        return take();
    }
    if (!ends_value(c)) return std::nullopt;
    if (c == '\n') ++line_;
    ++scanned_;
    at_ = At::comma;
    return take();
}

// A byte outside of any value.
void ArrayCutter::between(char c) {
    if (is_space(c)) return;
    if (at_ == At::start) {
        if (c != '[') return fail("it begins with " + json::printable({&c, 1}) + " and not with [");
        at_ = At::value_or_end;
    } else if (at_ == At::after) {
        fail("something follows behind the end of the JSON list");
    } else if (c == ']' && (at_ == At::comma || at_ == At::value_or_end)) {
        at_ = At::after;
    } else if (at_ == At::comma) {
        if (c != ',') return fail("a comma is missing behind value " + std::to_string(number_));
        at_ = At::value;
    } else if (c == ',' || c == ']' || c == '}') {
        fail("a value is missing behind value " + std::to_string(number_));
    } else {
        begin_value(c);
    }
}

void ArrayCutter::begin_value(char c) {
    at_ = At::inside;
    begin_ = scanned_;
    dropped_ = 0;
    depth_ = c == '{' || c == '[' ? 1 : 0;
    in_string_ = c == '"';
    is_scalar_ = depth_ == 0 && !in_string_;
    escaped_ = false;
}

// Tracks strings and brackets only. `}` may close `[`: the parser of the value will refuse that.
bool ArrayCutter::ends_value(char c) {
    if (in_string_) {
        if (escaped_) {
            escaped_ = false;
        } else if (c == '\\') {
            escaped_ = true;
        } else if (c == '"') {
            in_string_ = false;
            return depth_ == 0;
        }
        return false;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') return --depth_ == 0;
    return false;
}

// The length counts the dropped bytes, so that the message can name the size of a value that is too
// long.
ArrayCutter::Value ArrayCutter::take() {
    const auto length = scanned_ - begin_;
    Value value{.number = ++number_, .length = dropped_ + length};
    value.too_long = value.length > max_;
    if (!value.too_long) value.text = {buffer_.data() + begin_, length};
    return value;
}

// Called when all bytes of the block are processed. From the limit on only the length is counted,
// so that one huge value cannot take all memory.
void ArrayCutter::drop_what_is_too_long() {
    if (at_ != At::inside) return;
    const auto length = scanned_ - begin_;
    if (dropped_ == 0 && length <= max_) return;
    dropped_ += length;
    begin_ = scanned_;
}

void ArrayCutter::fail(std::string why) {
    problem_ = std::move(why);
    at_ = At::broken;
}

}  // namespace skein::input
