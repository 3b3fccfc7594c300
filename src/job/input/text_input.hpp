#pragma once
#include "input/decoder.hpp"
#include "input/text_check.hpp"
#include "job/input/unpacked_input.hpp"

#include <optional>
#include <string>
#include <vector>

namespace skein::job {

// The text of an input as UTF-8 without a byte order mark: unpacked, and decoded from
// `input.encoding` or from the encoding that a byte order mark names.
//
// Refuses a binary file by its first bytes and names its kind. Does not validate UTF-8: the cutters
// do, because they know the line.
class TextInput {
public:
    TextInput(InputFile file, const Input& input);

    // Reads the available bytes, at least one; 0 at the end.
    Expected<std::size_t, RunError> read(std::span<char> room);

    bool is_regular() const { return bytes_.from().is_regular(); }
    const std::string& name() const { return bytes_.from().name(); }
    InputFile& file() { return bytes_.from().file(); }

    // Packing and encoding, as far as they are not plain UTF-8: `gzip, utf-16le`.
    std::string kept_as() const;

private:
    std::optional<RunError> begin();
    std::optional<RunError> refill();
    std::optional<RunError> refuse_binary(std::string_view head) const;
    std::optional<RunError> refuse_text(std::string_view head) const;
    Expected<std::size_t, RunError> decode(std::span<char> room);
    RunError not_in_encoding(unsigned char byte) const;
    void move_place(std::string_view text);

    Peeking<UnpackedInput> bytes_;
    std::string encoding_;  // Empty if not set.
    bool is_automatic_;     // The format is to be detected.
    bool begun_ = false;
    std::optional<input::Decoder> decoder_;
    std::vector<char> raw_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    bool ended_ = false;
    input::TextPlace place_;  // Line and column of the text that is decoded next.
};

}  // namespace skein::job
