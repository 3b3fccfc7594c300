// Puts the shim that the library carries into a memory file, from which it is executed, or into a
// file of the run folder where memory files cannot be executed.
#include "local/process/keeper_program.hpp"

#include "local/process/keeper_bytes.hpp"
#include "local/process/spawn.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>

namespace skein::local {
namespace {

#ifndef MFD_EXEC
constexpr unsigned MFD_EXEC = 0x10;
#endif

// Since Linux 6.3 a system may demand MFD_EXEC for a file that is to be executed.
Descriptor memory_file() {
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int file = ::memfd_create("skein-keeper", flags | MFD_EXEC);
    if (file >= 0 || errno != EINVAL) return Descriptor{file};
    return Descriptor{::memfd_create("skein-keeper", flags)};  // A kernel before Linux 6.3.
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

KeeperProgram::KeeperProgram(std::string folder) : folder_{std::move(folder)} {
    // Above the descriptors of the protocol, because the child replaces those before it executes
    // this one.
    memory_ = out_of_the_way(memory_file());
    if (!memory_.is_open() || !write_all(memory_.number(), keeper_bytes())) {
        move_to_file();
        return;
    }
    // Sealed, so that no process can change the program after this point.
    ::fcntl(
        memory_.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL
    );
    path_ = "/proc/self/fd/" + std::to_string(memory_.number());
}

bool KeeperProgram::move_to_file() {
    // Once only: if the file cannot be executed either, another try would not help.
    if (is_file_) return false;
    is_file_ = true;
    memory_ = Descriptor{};
    path_ = folder_ + "/keeper";
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const Descriptor file{::open(path_.c_str(), flags, 0700)};
    if (!file.is_open() || !write_all(file.number(), keeper_bytes())) error_ = errno;
    return error_ == 0;
}

}  // namespace skein::local
