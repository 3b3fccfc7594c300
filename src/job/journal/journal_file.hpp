// The file under the journal: how it is opened and locked, and how its lines are read.
#pragma once
#include "job/file/disk.hpp"
#include "job/file/line_cutter.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace skein::job {

// For reading and appending, for the owner alone, and locked; made if it is not there.
Expected<File, RunError> open_journal_file(const std::string& path, const Disk& disk);

// A file without a name, which goes away when it is closed.
Expected<File, RunError> open_nameless_file(const std::string& folder);

// The lines of a file from its beginning to its end.
class FileLines {
public:
    FileLines(const Disk& disk, int descriptor, std::size_t longest)
        : disk_{disk}, descriptor_{descriptor}, cutter_{longest} {}

    // Nothing: that was the last, or `error()` is not 0.
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
