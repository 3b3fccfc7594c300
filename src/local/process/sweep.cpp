// Removes the folders that crashed runs have left, and kills workers that have survived. A folder
// is in use while its owner holds the lock or lives.
#include "local/process/sweep.hpp"

#include "local/process/run_records.hpp"
#include "local/process/session.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>

namespace skein::local {
namespace {

// Takes the lock of a folder. Not open if the owner holds it or there is no owner file. The lock
// works across containers, where the pid of the owner would mean nothing.
Descriptor lock_of(const std::string& folder) {
    Descriptor file{::open(owner_file(folder).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    const bool locked = file.is_open() && ::flock(file.number(), LOCK_EX | LOCK_NB) == 0;
    return locked ? std::move(file) : Descriptor{};
}

bool is_alive(const Identity& identity) {
    ProcStat stat;
    return read_stat(identity.pid, stat) && stat.identity == identity;
}

// Kills a process by its identity. False if it is gone or its pid belongs to another process now.
bool kill_process(const Identity& identity, bool with_group) {
    const Descriptor process{open_process(identity)};
    if (!process.is_open()) return false;
    // The process is still there, so that the process group with its pid is its own.
    if (with_group && ::getpgid(identity.pid) == identity.pid) ::kill(-identity.pid, SIGKILL);
    send_signal(process.number(), SIGKILL);
    has_news_within_seconds(process.number());
    return true;
}

void kill_worker(const WorkerRecord& worker, Swept& swept) {
    if (kill_process(worker.engine, true)) ++swept.workers;
    kill_process(worker.keeper, false);  // The second keeper then kills the rest of the tree.
}

bool remove(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    return !error;
}

void sweep_folder(const std::string& folder, pid_t named_owner, Swept& swept) {
    const auto owner = read_owner(folder);
    // Without an owner file: the folder is being created, or its creator died at once.
    if (!owner) {
        ProcStat stat;
        if (!read_stat(named_owner, stat) && remove(folder)) ++swept.folders;
        return;
    }
    const auto lock = lock_of(folder);
    if (!lock.is_open()) return;
    // Pids of an earlier boot mean nothing now, and no process of it lives.
    if (owner->boot == this_process().boot) {
        if (is_alive(owner->process)) return;
        for (const auto& worker : read_workers(folder)) kill_worker(worker, swept);
    }
    if (remove(folder)) ++swept.folders;
}

}  // namespace

Swept sweep(const std::string& runs) {
    Swept swept;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{runs, error}) {
        const auto owner = owner_in(entry.path().filename().string());
        if (owner && entry.symlink_status(error).type() == std::filesystem::file_type::directory) {
            sweep_folder(entry.path().string(), *owner, swept);
        }
    }
    return swept;
}

}  // namespace skein::local
