#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein::input {

// Unpacks a stream of gzip or zstd, of any number of members (frames) one after the other. Holds
// its window, and no more of what it is given.
class Unpacker {
public:
    enum class Kind { gzip, zstd };

    // The kind of which the signature stands at the beginning, whatever the name of the file.
    static std::optional<Kind> kind_of(std::string_view head);

    explicit Unpacker(Kind kind);
    ~Unpacker();
    Unpacker(Unpacker&&) noexcept;
    Unpacker& operator=(Unpacker&&) noexcept;

    struct Step {
        std::size_t taken = 0;
        std::size_t made = 0;
        std::string problem{};  // What is wrong with the stream; then there is no more.
    };
    // Neither taken nor made: more bytes are needed.
    Step unpack(std::string_view bytes, std::span<char> room);

    // May the stream end here? If not, it is cut off.
    bool is_between_members() const;

    std::string_view name() const;  // `gzip`

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skein::input
