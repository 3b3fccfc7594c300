// The file of a journal: opening, locking and reading line by line.
#pragma once
#include "job/file/disk.hpp"
#include "job/file/line_cutter.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace skein::job {

// Opens the file for reading and appending and locks it. Creates it with mode 0600 if it is
// missing.
Expected<File, RunError> open_journal_file(const std::string& path, const Disk& disk);

// A temporary file without a name, which disappears when it is closed.
Expected<File, RunError> open_nameless_file(const std::string& folder);

// The lines of a file from its beginning to its end.
class FileLines {
public:
    FileLines(const Disk& disk, int descriptor, std::size_t max_length)
        : disk_{disk}, descriptor_{descriptor}, cutter_{max_length} {}

    // The next line; nothing at the end of the file or if `error()` is not 0.
    std::optional<LineCutter::Line> next();

    int error() const { return error_; }
    std::uint64_t read() const { return read_; }

private:
    const Disk& disk_;
    int descriptor_;
    LineCutter cutter_;
    std::uint64_t read_ = 0;
    int error_ = 0;
    bool ended_ = false;
};

}  // namespace skein::job
