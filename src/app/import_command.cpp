// The command `import`: reads the file, writes the job, and prints what was not carried over.
#include "app/command.hpp"
#include "app/result.hpp"
#include "config/yaml_text.hpp"
#include "import/import_litellm.hpp"
#include "json/text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <unistd.h>

namespace skein::app {
namespace {

int say(Terminal& terminal, const std::string& what) {
    terminal.print("skein: " + json::printable(what, 8192) + "\n");
    return wrong_usage;
}

// One byte more than is allowed, so that a longer file is refused by its size.
std::optional<std::string> read_beginning(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text(config::max_bytes + 1, '\0');
    if (!file) return std::nullopt;
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return std::nullopt;
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

// A file that is there is kept: it may be a job that was filled in.
int write_new(Terminal& terminal, const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0 && errno == EEXIST) {
        return say(terminal, path + " exists; give -o another name, or remove it");
    }
    bool is_written = file >= 0;
    while (is_written && !text.empty()) {
        const auto count = ::write(file, text.data(), text.size());
        is_written = count > 0;
        if (is_written) text.remove_prefix(static_cast<std::size_t>(count));
    }
    const int why = errno;
    if (file >= 0 && ::close(file) != 0) is_written = false;
    if (is_written) return all_completed;
    say(terminal, path + " cannot be written: " + std::strerror(why));
    return local_failure;
}

}  // namespace

int import_command(const Command& command) {
    Terminal terminal{LogLevel::warn};
    const auto text = read_beginning(command.job_file);
    if (!text) {
        return say(terminal, command.job_file + " cannot be read: " + std::strerror(errno));
    }
    const auto job = import_litellm(*text, command.job_file, command.model);
    if (!job) {
        say(terminal, job.error().first());
        for (const auto& other : job.error().others) say(terminal, other.first());
        return wrong_usage;
    }
    for (const auto& note : job->notes) {
        say(terminal, (note.where.empty() ? "" : note.where + ": ") + note.what);
    }
    if (command.import_to.empty()) return print_result(job->text);
    return write_new(terminal, command.import_to, job->text);
}

}  // namespace skein::app
