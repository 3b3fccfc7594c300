// A disk in memory behind the calls of job::Disk. It can be full, it can fail, the process that
// uses it can be killed within any call, and its power can be cut.
#pragma once
#include "base/random.hpp"
#include "job/file/disk.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace skein::crash {

// Thrown where the process ends. Of it nothing is left but what the disk has.
struct Crash {};

// What goes wrong in one life. Calls, writes and syncs are counted from 1; 0: never.
struct Troubles {
    std::uint64_t seed = 0;
    int crash_at = 0;         // The call within which the process is killed.
    int fails_at = 0;         // The call that fails, as a bad disk lets it.
    int full_from = 0;        // The write from which on there is no space,
    int full_for = 0;         // for so many.
    int sync_fails_at = 0;    // The fdatasync that fails.
    double short_writes = 0;  // Share of writes that take a part.
    double interrupted = 0;   // Share of calls that a signal interrupts.
};

// One at a time, for the calls have no memory of their own.
class MemoryDisk {
public:
    MemoryDisk();
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    job::Disk calls() const;

    // Another process begins: what the last one has left open is closed by the system.
    void begin_life(const Troubles& troubles);

    // What was forced to the disk stays. Of the rest as much as happened to be there: cut at any
    // byte, or zeros, or as it was before.
    void cut_power();

    const std::string* find(const std::string& name) const;
    int calls_made() const { return calls_; }
    int errors() const { return errors_; }  // Made up in this life, those of EINTR excepted.
    int open_files() const { return static_cast<int>(handles_.size()); }
    // Somebody wrote to a file that had failed to reach the disk.
    bool was_trusted_in_vain() const { return was_trusted_in_vain_; }

private:
    struct Contents {
        std::string now;      // As every process sees it.
        std::string on_disk;  // As it is after the power was cut.
        bool is_locked = false;
        bool has_failed = false;  // To reach the disk, in this life.
    };
    using Names = std::map<std::string, std::shared_ptr<Contents>>;
    struct Handle {
        std::shared_ptr<Contents> contents;  // None: the folder.
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
    int next_file_ = 1'000'000;  // None that the system gives.
    Troubles troubles_;
    SplitMix rng_{0};
    int calls_ = 0;
    int writes_ = 0;
    int syncs_ = 0;
    int errors_ = 0;
    bool is_dying_ = false;  // Within the call that is going on.
    bool was_trusted_in_vain_ = false;
};

}  // namespace skein::crash
