// Files, by calls whose every answer is looked at.
#pragma once
#include "job/file/interrupt.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/types.h>
#include <utility>

namespace skein::job {

using Done = Expected<void, RunError>;

// The system's calls by which replies reach the disk, so that a test can let any of them fail, or
// be the disk itself.
struct Disk {
    Disk();
    int (*open)(const char*, int, mode_t);
    int (*close)(int);
    int (*flock)(int, int);
    int (*fstat)(int, struct stat*);
    int (*lstat)(const char*, struct stat*);
    ssize_t (*write)(int, const void*, std::size_t);
    ssize_t (*pread)(int, void*, std::size_t, off_t);
    int (*fdatasync)(int);
    int (*fsync)(int);  // Of a folder.
    int (*ftruncate)(int, off_t);
    int (*rename)(const char*, const char*);
};

// An open file; closed with its owner.
class File {
public:
    File() = default;
    explicit File(int descriptor, const Disk& disk = {}) noexcept
        : descriptor_{descriptor}, close_{disk.close} {}
    File(File&& other) noexcept
        : descriptor_{std::exchange(other.descriptor_, -1)}, close_{other.close_} {}
    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~File();

    int descriptor() const noexcept { return descriptor_; }
    bool is_open() const noexcept { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
    int (*close_)(int) = nullptr;
};

struct Written {
    std::size_t bytes = 0;
    int error = 0;  // An errno; 0: everything was written.
};

// Goes on after short writes and interruptions, and waits where a pipe is full.
Written write_all(const Disk& disk, int descriptor, std::string_view bytes);

// The same to a pipe or terminal, in pieces that cannot block, so that an interrupt can end it
// (`ECANCELED`) even if nobody reads.
Written write_all(
    const Disk& disk, int descriptor, std::string_view bytes, const Interrupt& interrupt
);

// As many bytes as there are, at most all of `room`; fewer only at the end of the file. An errno
// goes to `error`.
std::size_t read_at(
    const Disk& disk, int descriptor, std::span<char> room, std::uint64_t offset, int& error
);

// 0, or an errno.
int sync_data(const Disk& disk, int descriptor);
int truncate(const Disk& disk, int descriptor, std::uint64_t size);
int sync_folder(const Disk& disk, const std::string& folder);

// `dir` of `dir/file`, `.` of `file`.
std::string folder_of(const std::string& path);

// `cannot write replies.jsonl: No space left on device`
std::string failure(std::string_view doing, std::string_view path, int error);
RunError local_error(std::string_view doing, std::string_view path, int error);
RunError config_error(std::string what);

// A name that somebody gave, fit for a message.
std::string shown(std::string_view path);

// `64 MB`, `1000 bytes`
std::string size_shown(std::size_t bytes);

}  // namespace skein::job
