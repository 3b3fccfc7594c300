#include "job/input/input_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::job {

Expected<File, RunError> open_input(const Input& input) {
    if (input.file == "-") {
        // A duplicate, because `File` closes its descriptor and standard input belongs to the
        // program.
        File file{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
        if (!file.is_open()) return config_error(failure("read", "standard input", errno));
        return file;
    }
    // O_NONBLOCK, because opening a pipe (FIFO) without a writer would block. Pipes are refused
    // below.
    File file{::open(input.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file.is_open()) return config_error(failure("read", input.file, errno));
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) {
        return config_error(failure("read", input.file, errno));
    }
    // open(2) accepts a folder; it is refused here, with the command that pipes its files in.
    if (S_ISDIR(status.st_mode)) {
        return config_error(
            failure("read", input.file, EISDIR) +
            "; name one file, or pipe in what is in it: cat FOLDER/*.jsonl | skein run JOB.yaml "
            "--set input.file=-"
        );
    }
    if (!S_ISREG(status.st_mode)) {
        return config_error(
            "the input " + shown(input.file) + " is not a regular file; give `-` and pipe it in"
        );
    }
    return file;
}

InputFile::InputFile(File file, std::string name, const Interrupt* interrupt)
    : file_{std::move(file)}, name_{std::move(name)}, interrupt_{interrupt} {
    struct stat status {};
    is_regular_ = ::fstat(file_.descriptor(), &status) == 0 && S_ISREG(status.st_mode);
}

RunError InputFile::interrupted() const {
    return {.kind = RunError::Kind::stopped, .what = "interrupted while reading " + shown(name_)};
}

// Blocks until bytes are there, the input ends (0) or the interrupt is raised. A stream is read
// only after poll has found it readable, because a blocked read could not be interrupted.
Expected<std::size_t, RunError> InputFile::read(std::span<char> room) {
    if (before_reading_) before_reading_();
    for (;;) {
        if (!is_regular_ && !wait_for(file_.descriptor(), POLLIN, interrupt_)) return interrupted();
        if (interrupt_ && interrupt_->raised()) return interrupted();
        const auto count = ::read(file_.descriptor(), room.data(), room.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
            return local_error("read", name_, errno);
        }
    }
}

}  // namespace skein::job
