#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein::input {

// Streaming decompression of gzip or zstd, with any number of concatenated members (frames). Holds
// only the decompression window, and no copy of its input. One thread at a time.
class Unpacker {
public:
    enum class Kind { gzip, zstd };

    // Detects the compression by the signature at the beginning; the file's name does not matter.
    static std::optional<Kind> kind_of(std::string_view head);

    explicit Unpacker(Kind kind);
    ~Unpacker();
    Unpacker(Unpacker&&) noexcept;
    Unpacker& operator=(Unpacker&&) noexcept;

    struct Step {
        std::size_t taken = 0;
        std::size_t made = 0;
        std::string problem{};  // The error of the stream; do not call again after it.
    };
    // Decompresses as much as fits. If nothing was taken and nothing made, more bytes are needed.
    Step unpack(std::string_view bytes, std::span<char> room);

    // Whether the stream may end here. If it ends elsewhere, it is truncated.
    bool is_between_members() const;

    std::string_view name() const;  // `gzip`

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skein::input
