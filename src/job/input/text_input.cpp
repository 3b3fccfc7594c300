// Turns the bytes of an input into UTF-8 text: byte order mark, encoding, refusal of binary files.
//
// Invariant: with a decoder all output is valid UTF-8; without one the bytes pass unchanged and the
// cutter checks them. Memory: one block of 64 KiB. One thread.
#include "job/input/text_input.hpp"

#include "input/known_files.hpp"

#include <algorithm>
#include <cstring>

namespace skein::job {
namespace {

constexpr std::size_t block = 64 * 1024;

std::string hex_of(unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string{"0x"} + digits[byte >> 4] + digits[byte & 0xF];
}

}  // namespace

TextInput::TextInput(InputFile file, const Input& input)
    : bytes_{UnpackedInput{std::move(file)}},
      encoding_{input.encoding},
      is_automatic_{input.format == Input::Format::automatic} {}

Expected<std::size_t, RunError> TextInput::read(std::span<char> room) {
    if (auto error = begin()) return std::move(*error);
    return decoder_ ? decode(room) : bytes_.read(room);
}

// A byte order mark overrides the setting `input.encoding`, as in the WHATWG Encoding Standard.
std::optional<RunError> TextInput::begin() {
    // The head is only peeked at: a signature or a byte order mark is in the first bytes, and all
    // bytes but the mark must reach the cutter.
    if (begun_) return std::nullopt;
    const auto head = bytes_.peek(input::bytes_to_know);
    if (!head) return head.error();
    begun_ = true;
    const auto mark = input::mark_of(*head);
    if (!mark.encoding.empty()) {
        encoding_ = mark.encoding;
    } else if (auto error = refuse_binary(*head)) {
        return error;
    }
    const bool is_plain = input::is_utf8(encoding_);
    // With `input.format` the user has said what the file is, so that a kind of text is not
    // refused.
    if (is_plain && is_automatic_) {
        if (auto error = refuse_text(head->substr(mark.bytes.size()))) return error;
    }
    bytes_.skip(mark.bytes.size());
    if (is_plain) return std::nullopt;
    decoder_.emplace(encoding_);
    raw_.resize(block);
    return std::nullopt;
}

// From the certain to the probable: a known signature, a second packing, UTF-16 or UTF-32 without a
// mark, any other file with a NUL byte.
std::optional<RunError> TextInput::refuse_binary(std::string_view head) const {
    if (const auto known = input::known_binary(head)) {
        return config_error(input::refusal_of(*known, name()));
    }
    if (input::Unpacker::kind_of(head)) {
        return config_error(
            shown(name()) +
            " is packed twice; unpack it once: zcat FILE | skein run JOB.yaml --set "
            "input.file=-"
        );
    }
    // In another encoding a NUL byte may be a part of a character.
    const bool is_set = !input::is_utf8(encoding_);
    const auto zero = std::min(head.find('\0'), head.size());
    if (is_set || zero == head.size()) return std::nullopt;
    const auto encoding = input::encoding_by_zeros(head);
    if (!encoding.empty()) {
        return config_error(
            shown(name()) + ": is " + encoding +
            " without a byte order mark; set input.encoding: " + encoding
        );
    }
    const auto first = head.find_first_not_of(" \t\r\n");
    // In JSON only the row with the zero byte fails.
    if (head[first] == '{' || head[first] == '[') return std::nullopt;
    return config_error(
        shown(name()) + " is a binary file of a kind that is not known: its byte " +
        std::to_string(zero + 1) +
        " is 0x00; its bytes are no prompts; make JSON lines of it and "
        "pipe them in: … | skein run JOB.yaml --set input.file=-"
    );
}

std::optional<RunError> TextInput::refuse_text(std::string_view head) const {
    const auto known = input::known_text(head);
    if (!known) return std::nullopt;
    return config_error(
        input::refusal_of(*known, name()) +
        "; if every line of it is a prompt, set input.format: "
        "text"
    );
}

// Returns as soon as there are some characters, because a row of a stream must not wait until
// `room` is full.
Expected<std::size_t, RunError> TextInput::decode(std::span<char> room) {
    for (;;) {
        const std::string_view bytes{raw_.data() + at_, filled_ - at_};
        const auto step = decoder_->decode(bytes, room, ended_);
        at_ += step.taken;
        move_place({room.data(), step.made});
        if (step.made > 0) return step.made;
        if (step.failed) return not_in_encoding(static_cast<unsigned char>(raw_[at_]));
        if (ended_ && at_ == filled_) return std::size_t{0};
        if (step.taken > 0 && at_ < filled_) continue;
        if (auto error = refill()) return std::move(*error);
    }
}

// Reads the next block. The bytes left over are the beginning of a character, so they are kept.
std::optional<RunError> TextInput::refill() {
    const auto kept = filled_ - at_;
    std::memmove(raw_.data(), raw_.data() + at_, kept);
    at_ = 0;
    filled_ = kept;
    const auto count = bytes_.read(std::span{raw_}.subspan(kept));
    if (!count) return count.error();
    filled_ += *count;
    ended_ = *count == 0;
    return std::nullopt;
}

// Counts lines and columns of the decoded text for the message about an invalid byte, because that
// byte never reaches the cutter, which counts for all other messages.
void TextInput::move_place(std::string_view text) {
    const auto last = text.rfind('\n');
    if (last == text.npos) {
        place_.column += input::characters(text);
        return;
    }
    place_.line += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    place_.column = 1 + input::characters(text.substr(last + 1));
}

RunError TextInput::not_in_encoding(unsigned char byte) const {
    return config_error(
        shown(name()) + ":" + place_.text() + ": the byte " + hex_of(byte) + " is not " +
        encoding_ +
        "; set input.encoding to what the file is (windows-1252, utf-16le … see iconv -l)"
    );
}

std::string TextInput::kept_as() const {
    auto text = std::string{bytes_.from().packing()};
    if (input::is_utf8(encoding_)) return text;
    if (!text.empty()) text += ", ";
    return text += encoding_;
}

}  // namespace skein::job
