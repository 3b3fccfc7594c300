// A private folder for the sockets of one pool, and what is written down there so that a later run
// can clear up after a crash:
//
//     /run/user/1000/skein/  or  /tmp/skein-1000/     for the owner alone
//         pool-4711-0/                                one for each pool: process 4711, its first
//             owner                                   who it belongs to; locked as long as he lives
//             worker-main-0                           a worker's keeper and engine
//             main-0.sock
#pragma once
#include "local/process/descriptor.hpp"
#include "local/process/proc_stat.hpp"

#include <skein/error.hpp>

#include <string>

namespace skein::local {

// Where pools have their folders: below $XDG_RUNTIME_DIR if that is private to us, else below
// /tmp. Made if it is not there; refused if it is somebody else's, open to others, or a link.
Expected<std::string, RunError> runs_folder();

// The same at a given place. Its parent must be there.
Expected<std::string, RunError> private_folder(const std::string& path);

class RunFolder {
public:
    // A new one in `runs`, for a pool of this process.
    static Expected<RunFolder, RunError> make(const std::string& runs);

    // Everything in it goes.
    ~RunFolder();
    RunFolder(RunFolder&&) = default;
    RunFolder& operator=(RunFolder&&) = delete;

    const std::string& path() const { return path_; }

    // Where a socket of this name would be. Refused if the system could not bind it: it knows
    // paths of up to 107 bytes.
    Expected<std::string, RunError> socket_path(const std::string& name) const;

    // From when it lives until it is known to be gone. A name is a plain one, without slashes.
    void write_down(const std::string& worker, const Identity& keeper, const Identity& engine);
    void strike_out(const std::string& worker);

private:
    RunFolder(std::string path, Descriptor lock) : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::string path_;
    Descriptor lock_;  // Open: the folder is still ours to remove.
};

}  // namespace skein::local
