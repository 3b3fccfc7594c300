// Wrappers of the system calls on files: short writes, EINTR and full pipes are handled here.
//
// Invariant: every return value is checked, and an error is an errno value, never an exception.
// Calls are made through `Disk`, so that tests can inject faults.
#include "job/file/disk.hpp"

#include "json/text.hpp"

#include <climits>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace skein::job {
namespace {

// Repeats a system call while it fails with EINTR.
template <class Call>
auto undisturbed(Call call) {
    for (;;) {
        const auto answer = call();
        if (answer >= 0 || errno != EINTR) return answer;
    }
}

// Writes until every byte is taken or an error ends it. The result counts the bytes of a failed
// write as well, because the caller must truncate them or continue behind them.
Written write_pieces(
    const Disk& disk, int descriptor, std::string_view bytes, const Interrupt* interrupt
) {
    Written written;
    while (written.bytes < bytes.size()) {
        auto piece = bytes.substr(written.bytes);
        // POLLOUT promises room for PIPE_BUF bytes only. A larger write could block in the kernel,
        // where no interrupt ends it.
        if (interrupt) {
            piece = piece.substr(0, PIPE_BUF);
            if (!wait_for(descriptor, POLLOUT, interrupt)) return {written.bytes, ECANCELED};
        }
        const auto count =
            undisturbed([&] { return disk.write(descriptor, piece.data(), piece.size()); });
        if (count > 0) {
            written.bytes += static_cast<std::size_t>(count);
        } else if (count == 0) {
            // Should not happen; prevents an endless loop.
            return {written.bytes, EIO};
        } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
            return {written.bytes, errno};
        } else if (!wait_for(descriptor, POLLOUT, interrupt)) {
            return {written.bytes, ECANCELED};
        }
    }
    return written;
}

}  // namespace

Disk::Disk()
    // open(2) is variadic, so it needs a wrapper to fit the type of the entry.
    : open{[](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }},
      close{::close},
      flock{::flock},
      fstat{::fstat},
      lstat{::lstat},
      write{::write},
      pread{::pread},
      fdatasync{::fdatasync},
      fsync{::fsync},
      ftruncate{::ftruncate},
      rename{std::rename} {}

File::~File() {
    // An error of close is ignored: bytes that must survive a power cut are synced before.
    if (is_open()) close_(descriptor_);
}

Written write_all(const Disk& disk, int descriptor, std::string_view bytes) {
    return write_pieces(disk, descriptor, bytes, nullptr);
}

Written write_all(
    const Disk& disk, int descriptor, std::string_view bytes, const Interrupt& interrupt
) {
    return write_pieces(disk, descriptor, bytes, &interrupt);
}

// By pread, which leaves the file position alone: the journal is appended to by the same
// descriptor.
std::size_t read_at(
    const Disk& disk, int descriptor, std::span<char> room, std::uint64_t offset, int& error
) {
    std::size_t have = 0;
    error = 0;
    while (have < room.size()) {
        const auto count = undisturbed([&] {
            return disk.pread(
                descriptor,
                room.data() + have,
                room.size() - have,
                static_cast<off_t>(offset + have)
            );
        });
        if (count < 0) error = errno;
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
    }
    return have;
}

// fdatasync and not fsync, because the times of the file need not reach the disk.
int sync_data(const Disk& disk, int descriptor) {
    return undisturbed([&] { return disk.fdatasync(descriptor); }) == 0 ? 0 : errno;
}

int truncate(const Disk& disk, int descriptor, std::uint64_t size) {
    const auto length = static_cast<off_t>(size);
    return undisturbed([&] { return disk.ftruncate(descriptor, length); }) == 0 ? 0 : errno;
}

// A new name, or a rename, survives a power cut only once the folder is synced as well.
int sync_folder(const Disk& disk, const std::string& folder) {
    const File file{disk.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), disk};
    if (!file.is_open()) return errno;
    if (disk.fsync(file.descriptor()) == 0) return 0;
    return errno == EINVAL ? 0 : errno;  // Some file systems do not support fsync of a folder.
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);  // `/` is the folder of `/file`.
}

std::string shown(std::string_view path) { return json::printable(path, 400); }

std::string size_shown(std::size_t bytes) {
    constexpr std::size_t megabyte = 1024 * 1024;
    if (bytes % megabyte != 0) return std::to_string(bytes) + " bytes";
    return std::to_string(bytes / megabyte) + " MB";
}

std::string failure(std::string_view doing, std::string_view path, int error) {
    std::string text{"cannot "};
    text += doing;
    text += ' ';
    text += shown(path);
    text += ": ";
    return text += std::generic_category().message(error);
}

RunError local_error(std::string_view doing, std::string_view path, int error) {
    return {.kind = RunError::Kind::local, .what = failure(doing, path, error)};
}

RunError config_error(std::string what) {
    return {.kind = RunError::Kind::config, .what = std::move(what)};
}

}  // namespace skein::job
