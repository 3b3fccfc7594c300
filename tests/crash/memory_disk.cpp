#include "crash/memory_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace skein::crash {
namespace {

std::size_t below(SplitMix& rng, std::size_t end) { return static_cast<std::size_t>(rng() % end); }

}  // namespace

MemoryDisk* MemoryDisk::here_ = nullptr;

MemoryDisk::MemoryDisk() { here_ = this; }
MemoryDisk::~MemoryDisk() { here_ = nullptr; }

void MemoryDisk::begin_life(const Troubles& troubles) {
    handles_.clear();
    for (auto& [name, contents] : names_) contents->is_locked = contents->has_failed = false;
    troubles_ = troubles;
    rng_ = SplitMix{troubles.seed};
    calls_ = writes_ = syncs_ = errors_ = 0;
}

const std::string* MemoryDisk::find(const std::string& name) const {
    const auto at = names_.find(name);
    return at == names_.end() ? nullptr : &at->second->now;
}

int MemoryDisk::fail(int error) {
    if (error != EINTR) ++errors_;
    errno = error;
    return -1;
}

int MemoryDisk::open(const char* path, int flags) {
    if (flags & O_DIRECTORY) {
        handles_.emplace(next_file_, Handle{});
        return next_file_++;
    }
    auto& contents = names_[path];
    if (!contents) contents = std::make_shared<Contents>();
    handles_.emplace(next_file_, Handle{.contents = contents, .appends = (flags & O_APPEND) != 0});
    return next_file_++;
}

void MemoryDisk::close(int file) {
    const auto handle = handles_.extract(file);
    if (handle && handle.mapped().has_lock) handle.mapped().contents->is_locked = false;
}

ssize_t MemoryDisk::write(int file, const char* bytes, std::size_t size) {
    ++writes_;
    auto& handle = handles_.at(file);
    auto& contents = *handle.contents;
    was_trusted_in_vain_ |= contents.has_failed;
    const bool is_full = troubles_.full_from > 0 && writes_ >= troubles_.full_from &&
                         writes_ - troubles_.full_from < troubles_.full_for;
    // A disk that fills up takes a part of the first write that does not fit.
    const bool is_first = writes_ == troubles_.full_from;
    if (is_full && (!is_first || size < 2)) return fail(ENOSPC);
    const bool is_short = troubles_.short_writes > 0 && rng_.unit() < troubles_.short_writes;
    if (size > 1 && (is_full || is_short || is_dying_)) size = 1 + below(rng_, size - 1);
    if (handle.appends) handle.at = contents.now.size();
    contents.now.replace(handle.at, size, bytes, size);
    handle.at += size;
    return static_cast<ssize_t>(size);
}

// A failed sync is never repaired by a later one, because the kernel drops the pages that it could
// not write.
int MemoryDisk::sync(int file) {
    auto& contents = *handles_.at(file).contents;
    if (++syncs_ == troubles_.sync_fails_at) {
        contents.has_failed = true;
        return fail(EIO);
    }
    if (!contents.has_failed) contents.on_disk = contents.now;
    return 0;
}

void MemoryDisk::cut_power() {
    if (rng_() % 2 == 0) names_ = names_on_disk_;
    for (auto& [name, contents] : names_) let_power_decide(*contents);
    names_on_disk_ = names_;
}

void MemoryDisk::let_power_decide(Contents& contents) {
    auto& now = contents.now;
    auto& safe = contents.on_disk;
    const auto same = std::mismatch(now.begin(), now.end(), safe.begin(), safe.end()).first;
    const auto common = static_cast<std::size_t>(same - now.begin());
    if (common < safe.size() && rng_() % 2 == 0) {
        now = safe;  // The new content did not reach the disk at all.
    } else {
        const auto whole = now.size();
        now.resize(common + below(rng_, whole - common + 1));
        // Sometimes the new length reaches the disk without the data: zeros at the end.
        if (rng_() % 4 == 0) now.resize(now.size() + below(rng_, whole - now.size() + 1));
    }
    safe = now;
}

}  // namespace skein::crash
