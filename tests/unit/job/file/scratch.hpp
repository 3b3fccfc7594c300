// Test support: a temporary folder, and disks with injected faults.
#pragma once
#include "job/file/disk.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>

namespace skein::job {

// True if an `Expected` has a value. (Catch cannot print an `Expected`.)
inline bool ok(const auto& expected) { return expected.has_value(); }

class Scratch {
public:
    Scratch() {
        auto name = (std::filesystem::temp_directory_path() / "skein-test-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~Scratch() { std::filesystem::remove_all(folder_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::string put(const std::string& name, std::string_view text) const {
        std::ofstream{path(name), std::ios::binary} << text;
        return path(name);
    }

    std::string get(const std::string& name) const {
        std::ifstream file{path(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    bool has(const std::string& name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
    }

private:
    std::filesystem::path folder_;
};

// A disk with one failing call: the `at`-th of all, counted from 1, fails with `error`. A failing
// write takes half of its bytes first, like a disk that fills up.
struct BadDisk {
    static inline int calls = 0;
    static inline int at = 0;
    static inline int error = ENOSPC;
    static inline bool half_done = false;

    static Disk failing_at(int call, int with = ENOSPC) {
        calls = 0;
        at = call;
        error = with;
        half_done = false;
        Disk disk;
        disk.write = write;
        disk.pread = [](int file, void* room, std::size_t size, off_t offset) {
            return fails() ? ssize_t{-1} : ::pread(file, room, size, offset);
        };
        disk.fdatasync = [](int file) { return fails() ? -1 : ::fdatasync(file); };
        disk.ftruncate = [](int file, off_t size) {
            return fails() ? -1 : ::ftruncate(file, size);
        };
        disk.rename = [](const char* from, const char* to) {
            return fails() ? -1 : ::rename(from, to);
        };
        return disk;
    }

private:
    static bool fails() {
        if (++calls != at) return false;
        errno = error;
        return true;
    }

    static ssize_t write(int file, const void* bytes, std::size_t size) {
        if (half_done) {
            half_done = false;
            errno = error;
            return -1;
        }
        if (!fails()) return ::write(file, bytes, size);
        if (size < 2) return -1;
        half_done = true;
        return ::write(file, bytes, size / 2);
    }
};

}  // namespace skein::job
