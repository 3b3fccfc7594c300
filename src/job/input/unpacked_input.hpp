#pragma once
#include "input/unpacker.hpp"
#include "job/input/input_file.hpp"
#include "job/input/peeking.hpp"

#include <optional>
#include <vector>

namespace skein::job {

// The bytes of an input, unpacked if they are compressed (gzip, zstd). Compression is detected by
// the first bytes and not by the file name. One thread.
class UnpackedInput {
public:
    explicit UnpackedInput(InputFile file) : file_{std::move(file)} {}

    // Reads the available bytes, at least one; 0 at the end. A damaged or truncated stream is an
    // error, returned after all bytes that could be unpacked.
    Expected<std::size_t, RunError> read(std::span<char> room);

    bool is_regular() const { return file_.from().is_regular(); }
    const std::string& name() const { return file_.from().name(); }
    InputFile& file() { return file_.from(); }

    // `gzip` or `zstd`; empty if the input is not compressed.
    std::string_view packing() const { return unpacker_ ? unpacker_->name() : std::string_view{}; }

private:
    std::optional<RunError> begin();
    std::optional<RunError> refill();
    RunError broken(std::string what) const;

    Peeking<InputFile> file_;
    bool begun_ = false;
    std::optional<input::Unpacker> unpacker_;
    std::vector<char> packed_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    bool ended_ = false;
};

}  // namespace skein::job
