#pragma once
#include "input/unpacker.hpp"
#include "job/input/input_file.hpp"
#include "job/input/peeking.hpp"

#include <optional>
#include <vector>

namespace skein::job {

// The bytes of an input, unpacked if they are packed (gzip, zstd), whatever the file is called.
class UnpackedInput {
public:
    explicit UnpackedInput(InputFile file) : file_{std::move(file)} {}

    // As many as there are, at least one; 0 at the end. A stream that is damaged or cut off is an
    // error, after all that could be unpacked was given.
    Expected<std::size_t, RunError> read(std::span<char> room);

    bool is_regular() const { return file_.from().is_regular(); }
    const std::string& name() const { return file_.from().name(); }
    InputFile& file() { return file_.from(); }

    // `gzip`; empty if it is not packed.
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
