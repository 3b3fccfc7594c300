// Writes and reads the small text files in a run folder.
//
// Invariant: a record that cannot be parsed completely is ignored, because a wrong pid would kill a
// foreign process.
#include "local/process/run_records.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <system_error>

namespace skein::local {
namespace {

constexpr std::string_view worker_prefix = "worker-";
constexpr std::string_view pool_prefix = "pool-";

// Without iostreams, because they format numbers by the locale of the host program.
std::string text_of(const Identity& identity) {
    return std::to_string(identity.pid) + ' ' + std::to_string(identity.start);
}

// Both numbers or nothing: a pid without a start time may be another process by now.
bool read_identity(const std::string& text, Identity& identity) {
    unsigned long long start = 0;
    const bool there = std::sscanf(text.c_str(), "%d %llu", &identity.pid, &start) == 2;
    identity.start = start;
    return there && identity.pid > 0;
}

// Start times count from the boot, so a record is of use only until the next one.
std::string boot_id() {
    std::string id;
    std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
    return id;
}

std::string worker_file(const std::string& folder, const std::string& name) {
    return folder + "/" + std::string{worker_prefix} + name;
}

}  // namespace

std::string pool_name(pid_t owner, int number) {
    return std::string{pool_prefix} + std::to_string(owner) + "-" + std::to_string(number);
}

std::optional<pid_t> owner_in(std::string_view name) {
    if (!name.starts_with(pool_prefix)) return std::nullopt;
    name.remove_prefix(pool_prefix.size());
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    // A name of another form is not ours, so the sweep leaves it alone.
    if (error != std::errc{} || pid <= 0 || end == name.data() + name.size() || *end != '-') {
        return std::nullopt;
    }
    return pid;
}

Owner this_process() {
    ProcStat stat;
    read_stat(::getpid(), stat);
    return {stat.identity, boot_id()};
}

std::string owner_file(const std::string& folder) { return folder + "/owner"; }

Descriptor write_owner(const std::string& folder) {
    const auto owner = this_process();
    const auto text = text_of(owner.process) + '\n' + owner.boot + '\n';
    // O_EXCL and O_NOFOLLOW, because the file must be new and no link. The lock ends with the last
    // descriptor, so also with a kill.
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    Descriptor file{::open(owner_file(folder).c_str(), flags, 0600)};
    if (!file.is_open() || ::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return {};
    const auto written = ::write(file.number(), text.data(), text.size());
    return written == static_cast<ssize_t>(text.size()) ? std::move(file) : Descriptor{};
}

std::optional<Owner> read_owner(const std::string& folder) {
    Owner owner;
    std::ifstream file{owner_file(folder)};
    std::string process;
    const bool there = std::getline(file, process) && file >> owner.boot;
    return there && read_identity(process, owner.process) ? std::optional{owner} : std::nullopt;
}

void write_worker(const std::string& folder, const std::string& name, const WorkerRecord& worker) {
    std::ofstream file{worker_file(folder, name)};
    file << text_of(worker.keeper) << '\n' << text_of(worker.engine) << '\n';
}

void remove_worker(const std::string& folder, const std::string& name) {
    ::unlink(worker_file(folder, name).c_str());
}

// A kill in the middle of a write leaves half a record, which is left out.
std::vector<WorkerRecord> read_workers(const std::string& folder) {
    std::vector<WorkerRecord> workers;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
        if (!entry.path().filename().string().starts_with(worker_prefix)) continue;
        std::ifstream file{entry.path()};
        std::string keeper;
        std::string engine;
        WorkerRecord worker;
        if (std::getline(file, keeper) && read_identity(keeper, worker.keeper) &&
            std::getline(file, engine) && read_identity(engine, worker.engine) &&
            worker.engine.pid > 1) {  // kill(-1) would signal every process.
            workers.push_back(worker);
        }
    }
    return workers;
}

}  // namespace skein::local
