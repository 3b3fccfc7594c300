// A private folder for the sockets of one pool, with records by which a later run can clean up
// after a crash:
//
//     /run/user/1000/skein/  or  /tmp/skein-1000/     mode 0700
//         pool-4711-0/                                one for each pool: process 4711, pool 0
//             owner                                   the owning process; locked while it lives
//             worker-main-0                           the keeper and the engine of a worker
//             main-0.sock
#pragma once
#include "local/process/descriptor.hpp"
#include "local/process/proc_stat.hpp"

#include <skein/error.hpp>

#include <string>

namespace skein::local {

// The parent folder of all pools: below $XDG_RUNTIME_DIR if that is private, else below /tmp.
// Created if it is missing. Refused if it belongs to another user, is open to other users, or is a
// symbolic link.
Expected<std::string, RunError> runs_folder();

// The same at a given path. Its parent must exist.
Expected<std::string, RunError> private_folder(const std::string& path);

class RunFolder {
public:
    // Creates a new folder in `runs`, for a pool of this process.
    static Expected<RunFolder, RunError> make(const std::string& runs);

    // Removes the folder and everything in it.
    ~RunFolder();
    RunFolder(RunFolder&&) = default;
    RunFolder& operator=(RunFolder&&) = delete;

    const std::string& path() const { return path_; }

    // The path of a socket with this name. An error if it is longer than 107 bytes, the limit of a
    // unix socket.
    Expected<std::string, RunError> socket_path(const std::string& name) const;

    // Records a running worker, and removes the record once the worker is gone. `worker` must not
    // contain a slash.
    void write_down(const std::string& worker, const Identity& keeper, const Identity& engine);
    void strike_out(const std::string& worker);

private:
    RunFolder(std::string path, Descriptor lock) : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::string path_;
    Descriptor lock_;  // Open while this object owns the folder.
};

}  // namespace skein::local
