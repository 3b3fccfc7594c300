// Creates the private folder of a pool and refuses one that other users could reach.
//
// Invariant: the folder belongs to this user, has mode 0700 and is no symbolic link. Its `owner`
// file stays locked while the pool lives, which tells a sweep that the folder is in use.
#include "local/process/run_folder.hpp"

#include "base/assert.hpp"
#include "json/text.hpp"
#include "local/process/run_records.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>

namespace skein::local {
namespace {

constexpr mode_t for_the_owner = 0700;

RunError refusal(const std::string& path, const std::string& why) {
    return {
        .kind = RunError::Kind::local,
        .what = "local workers need a private folder, and " + json::printable(path) + " " + why +
                "; remove it, or set XDG_RUNTIME_DIR to a folder of your own with mode 0700"};
}

RunError failure(const std::string& doing, const std::string& path, int error) {
    return {
        .kind = RunError::Kind::local,
        .what = "cannot " + doing + " " + json::printable(path) + ": " +
                std::generic_category().message(error)};
}

// The reason why a folder is not private; empty if it is. `status` is that of lstat, so that a link
// is seen as a link: another user could have put it there.
std::string objection(const struct stat& status) {
    if (S_ISLNK(status.st_mode)) return "is a symbolic link, which is refused";
    if (!S_ISDIR(status.st_mode)) return "is not a folder";
    if (status.st_uid != ::geteuid()) {
        return "belongs to user " + std::to_string(status.st_uid) + ", not to you (user " +
               std::to_string(::geteuid()) + ")";
    }
    if ((status.st_mode & 077) != 0) return "is open to other users (its mode must be 0700)";
    return {};
}

bool is_private(const char* path) {
    struct stat status {};
    return ::lstat(path, &status) == 0 && objection(status).empty();
}

}  // namespace

Expected<std::string, RunError> private_folder(const std::string& path) {
    // Another user may have made the folder before, so it is looked at below in any case.
    if (::mkdir(path.c_str(), for_the_owner) != 0 && errno != EEXIST) {
        return failure("make the folder", path, errno);
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return failure("look at", path, errno);
    if (auto why = objection(status); !why.empty()) return refusal(path, why);
    return path;
}

Expected<std::string, RunError> runs_folder() {
    // A variable of the user may point anywhere, so that its folder is used only if it is private;
    // /tmp is the fallback.
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime && *runtime == '/' && is_private(runtime)) {
        return private_folder(std::string{runtime} + "/skein");
    }
    return private_folder("/tmp/skein-" + std::to_string(::geteuid()));
}

Expected<RunFolder, RunError> RunFolder::make(const std::string& runs) {
    // mkdir fails if the name exists, so that two pools never share a folder.
    for (int number = 0;; ++number) {
        const auto path = runs + "/" + pool_name(::getpid(), number);
        if (::mkdir(path.c_str(), for_the_owner) != 0) {
            if (errno == EEXIST) continue;  // Another pool, or a dead process with this pid.
            return failure("make the folder", path, errno);
        }
        RunFolder folder{path, write_owner(path)};
        if (!folder.lock_.is_open()) return failure("write into", path, errno);
        return folder;
    }
}

RunFolder::~RunFolder() {
    std::error_code ignored;
    // The lock is closed after the removal, so that no sweep meets a folder that is half removed. A
    // moved-from object has no lock and removes nothing.
    if (lock_.is_open()) std::filesystem::remove_all(path_, ignored);
}

Expected<std::string, RunError> RunFolder::socket_path(const std::string& name) const {
    // One byte is for the NUL at the end.
    constexpr auto max = sizeof(sockaddr_un::sun_path) - 1;
    auto path = path_ + "/" + name + ".sock";
    if (path.size() <= max) return path;
    return RunError{
        .kind = RunError::Kind::local,
        .what = "the path of a socket may have " + std::to_string(max) + " bytes, and " +
                json::printable(path) + " has " + std::to_string(path.size()) +
                "; give the worker a shorter name, or set XDG_RUNTIME_DIR to a shorter path"};
}

void RunFolder::write_down(
    const std::string& worker, const Identity& keeper, const Identity& engine
) {
    SKEIN_ASSERT(worker.find('/') == std::string::npos);
    write_worker(path_, worker, {keeper, engine});
}

void RunFolder::strike_out(const std::string& worker) { remove_worker(path_, worker); }

}  // namespace skein::local
