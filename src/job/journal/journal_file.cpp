#include "job/journal/journal_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::job {
namespace {

constexpr mode_t for_the_owner = 0600;

}  // namespace

Expected<File, RunError> open_journal_file(const std::string& path, const Disk& disk) {
    // O_NONBLOCK, because opening a pipe (FIFO) could block. O_NOFOLLOW refuses a symbolic link.
    constexpr int flags =
        O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    File file{disk.open(path.c_str(), flags, for_the_owner), disk};
    if (!file.is_open() && errno == ELOOP) {
        return config_error("the journal " + shown(path) + " is a symbolic link, which is refused");
    }
    if (!file.is_open()) return config_error(failure("open the journal", path, errno));
    struct stat status {};
    if (disk.fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return config_error("the journal " + shown(path) + " is not a regular file");
    }
    if (disk.flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK) return config_error(failure("lock the journal", path, errno));
    return config_error("another skein is running this job (" + shown(path) + " is locked)");
}

Expected<File, RunError> open_nameless_file(const std::string& folder) {
    File file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, for_the_owner)};
    if (file.is_open()) return file;
    auto name = folder + "/skein-journal-XXXXXX";  // For file systems without O_TMPFILE.
    file = File{::mkostemp(name.data(), O_APPEND | O_CLOEXEC)};
    if (!file.is_open()) return local_error("create a temporary file in", folder, errno);
    ::unlink(name.c_str());
    return file;
}

std::optional<LineCutter::Line> FileLines::next() {
    for (;;) {
        if (auto line = cutter_.next()) return line;
        if (ended_ || error_ != 0) return std::nullopt;
        const auto room = cutter_.room();
        const auto count = read_at(disk_, descriptor_, room, read_, error_);
        cutter_.filled(count);
        read_ += count;
        ended_ = count < room.size();
        if (ended_ && error_ == 0) cutter_.end();
    }
}

}  // namespace skein::job
