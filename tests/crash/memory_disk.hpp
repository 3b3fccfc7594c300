// A simulated disk in memory behind the calls of job::Disk, for fault injection: it can be full, a
// call can fail, the process can be killed within any call, and the power can be cut.
#pragma once
#include "base/random.hpp"
#include "job/file/disk.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace skein::crash {

// Thrown where the process is killed. Only the state of the disk survives.
struct Crash {};

// The faults of one life. Calls, writes and syncs are counted from 1; 0: never.
struct Troubles {
    std::uint64_t seed = 0;
    int crash_at = 0;         // The call within which the process is killed.
    int fails_at = 0;         // The call that fails with EIO.
    int full_from = 0;        // The first write without space.
    int full_for = 0;         // The number of writes without space.
    int sync_fails_at = 0;    // The fdatasync that fails.
    double short_writes = 0;  // Share of short writes.
    double interrupted = 0;   // Share of calls that fail with EINTR.
};

// Only one object at a time, because the calls of job::Disk are plain functions without a context.
class MemoryDisk {
public:
    MemoryDisk();
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    job::Disk calls() const;

    // A new process begins: files left open by the last one are closed.
    void begin_life(const Troubles& troubles);

    // Synced data stays. Of other data a random part stays: cut at any byte, replaced by zeros, or
    // as it was before.
    void cut_power();

    const std::string* find(const std::string& name) const;
    int calls_made() const { return calls_; }
    int errors() const { return errors_; }  // Injected errors of this life, without EINTR.
    int open_files() const { return static_cast<int>(handles_.size()); }
    // True if a file was written to after a failed sync of it.
    bool was_trusted_in_vain() const { return was_trusted_in_vain_; }

private:
    struct Contents {
        std::string now;      // The content that processes see.
        std::string on_disk;  // The content that survives a power cut.
        bool is_locked = false;
        bool has_failed = false;  // A sync of it failed in this life.
    };
    using Names = std::map<std::string, std::shared_ptr<Contents>>;
    struct Handle {
        std::shared_ptr<Contents> contents;  // Null for the folder.
        std::size_t at = 0;
        bool appends = false;
        bool has_lock = false;
    };

    template <class Effect>
    auto call(Effect effect) -> decltype(effect());
    template <class Effect>
    auto slow_call(Effect effect) -> decltype(effect());
    int fail(int error);
    int open(const char* path, int flags);
    void close(int file);
    ssize_t write(int file, const char* bytes, std::size_t size);
    int sync(int file);
    void let_power_decide(Contents& contents);

    static MemoryDisk* here_;

    Names names_;
    Names names_on_disk_;
    std::map<int, Handle> handles_;
    int next_file_ = 1'000'000;  // A number that the system never gives.
    Troubles troubles_;
    SplitMix rng_{0};
    int calls_ = 0;
    int writes_ = 0;
    int syncs_ = 0;
    int errors_ = 0;
    bool is_dying_ = false;  // The process is killed in the present call.
    bool was_trusted_in_vain_ = false;
};

}  // namespace skein::crash
