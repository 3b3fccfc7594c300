// The system calls of the simulated disk, with injected kills, errors and interruptions.
#include "crash/memory_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/file.h>
#include <sys/stat.h>
#include <utility>

namespace skein::crash {

// Executes a call. The process may be killed before or after its effect, and in the middle of a
// write.
template <class Effect>
auto MemoryDisk::call(Effect effect) -> decltype(effect()) {
    const bool dies = ++calls_ == troubles_.crash_at;
    if (dies && rng_() % 3 == 0) throw Crash{};
    if (calls_ == troubles_.fails_at) return fail(EIO);
    is_dying_ = dies;
    const auto answer = effect();
    if (std::exchange(is_dying_, false)) throw Crash{};
    return answer;
}

// The same for calls that may fail with EINTR.
template <class Effect>
auto MemoryDisk::slow_call(Effect effect) -> decltype(effect()) {
    if (troubles_.interrupted > 0 && rng_.unit() < troubles_.interrupted) return fail(EINTR);
    return call(effect);
}

job::Disk MemoryDisk::calls() const {
    job::Disk disk;
    disk.open = [](const char* path, int flags, mode_t) {
        return here_->call([&] { return here_->open(path, flags); });
    };
    disk.close = [](int file) {
        here_->close(file);
        return 0;
    };
    disk.flock = [](int file, int) {
        return here_->call([&] {
            auto& handle = here_->handles_.at(file);
            if (std::exchange(handle.contents->is_locked, true)) return here_->fail(EWOULDBLOCK);
            handle.has_lock = true;
            return 0;
        });
    };
    disk.fstat = [](int file, struct stat* status) {
        return here_->call([&] {
            status->st_mode = S_IFREG;
            status->st_size = static_cast<off_t>(here_->handles_.at(file).contents->now.size());
            return 0;
        });
    };
    disk.lstat = [](const char* path, struct stat*) {
        if (here_->find(path)) return 0;
        errno = ENOENT;
        return -1;
    };
    disk.write = [](int file, const void* bytes, std::size_t size) {
        return here_->slow_call([&] {
            return here_->write(file, static_cast<const char*>(bytes), size);
        });
    };
    disk.pread = [](int file, void* room, std::size_t size, off_t offset) {
        return here_->slow_call([&] {
            const auto& now = here_->handles_.at(file).contents->now;
            const auto from = std::min(static_cast<std::size_t>(offset), now.size());
            return static_cast<ssize_t>(now.copy(static_cast<char*>(room), size, from));
        });
    };
    disk.fdatasync = [](int file) { return here_->slow_call([&] { return here_->sync(file); }); };
    disk.fsync = [](int) {
        return here_->call([&] {
            here_->names_on_disk_ = here_->names_;
            return 0;
        });
    };
    disk.ftruncate = [](int file, off_t size) {
        return here_->slow_call([&] {
            here_->handles_.at(file).contents->now.resize(static_cast<std::size_t>(size));
            return 0;
        });
    };
    disk.rename = [](const char* from, const char* to) {
        return here_->call([&] {
            here_->names_[to] = std::move(here_->names_.at(from));
            here_->names_.erase(from);
            return 0;
        });
    };
    return disk;
}

}  // namespace skein::crash
