// The command `import`: reads the file, writes the job, and prints what was not carried over.
#include "app/command.hpp"
#include "app/new_file.hpp"
#include "app/result.hpp"
#include "config/yaml_text.hpp"
#include "import/import_litellm.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

namespace skein::app {
namespace {

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

int write_job(Terminal& terminal, const std::string& path, std::string_view text) {
    const auto file = write_new_file(path, text);
    if (file.state == NewFile::State::written) return all_completed;
    if (file.state == NewFile::State::exists) {
        return complain(terminal, path + " exists; give -o another name, or remove it");
    }
    complain(terminal, path + " cannot be written: " + file.why);
    return local_failure;
}

}  // namespace

int import_command(const Command& command) {
    Terminal terminal{LogLevel::warn};
    const auto text = read_beginning(command.job_file);
    if (!text) {
        return complain(terminal, command.job_file + " cannot be read: " + std::strerror(errno));
    }
    const auto job = import_litellm(*text, command.job_file, command.model);
    if (!job) {
        complain(terminal, job.error().first());
        for (const auto& other : job.error().others) complain(terminal, other.first());
        return wrong_usage;
    }
    for (const auto& note : job->notes) {
        complain(terminal, (note.where.empty() ? "" : note.where + ": ") + note.what);
    }
    if (command.import_to.empty()) return print_result(job->text);
    return write_job(terminal, command.import_to, job->text);
}

}  // namespace skein::app
