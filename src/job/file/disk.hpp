// File I/O by system calls; every return value is checked.
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

// A table of the system calls by which replies reach the disk. Tests replace entries to inject
// faults or to simulate a disk in memory.
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
    int (*fsync)(int);  // For folders.
    int (*ftruncate)(int, off_t);
    int (*rename)(const char*, const char*);
};

// Owns a file descriptor and closes it in the destructor. Movable.
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
    int error = 0;  // An errno; 0 if everything was written.
};

// Writes all bytes: continues after short writes and signals, and waits while a pipe is full.
Written write_all(const Disk& disk, int descriptor, std::string_view bytes);

// The same for a pipe or terminal, in pieces that cannot block, so that an interrupt ends it
// (`ECANCELED`) even if the other side does not read.
Written write_all(
    const Disk& disk, int descriptor, std::string_view bytes, const Interrupt& interrupt
);

// Reads until `room` is full; fewer bytes only at the end of the file or on an error, whose errno
// goes to `error`.
std::size_t read_at(
    const Disk& disk, int descriptor, std::span<char> room, std::uint64_t offset, int& error
);

// Each returns 0 or an errno.
int sync_data(const Disk& disk, int descriptor);
int truncate(const Disk& disk, int descriptor, std::uint64_t size);
int sync_folder(const Disk& disk, const std::string& folder);

// The folder of a path: `dir` for `dir/file`, `.` for `file`.
std::string folder_of(const std::string& path);

// `cannot write replies.jsonl: No space left on device`
std::string failure(std::string_view doing, std::string_view path, int error);
RunError local_error(std::string_view doing, std::string_view path, int error);
RunError config_error(std::string what);

// A file name made printable for a message, at most 400 bytes.
std::string shown(std::string_view path);

// `64 MB`, `1000 bytes`
std::string size_shown(std::size_t bytes);

}  // namespace skein::job
