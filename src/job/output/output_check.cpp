// Checks the path of the output before a run: folder, file type, permissions, and that no file of
// the run is the input. Also creates missing folders.
//
// The checks are advisory, because the file system may change afterwards: opening and renaming
// check again.
#include "job/output/output_check.hpp"

#include "job/file/disk.hpp"

#include <cerrno>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace skein::job {
namespace {

// `follow` for the input and for folders, which may be links. A link in place of a file that skein
// writes is seen as a link and refused.
std::optional<struct stat> status_of(const std::string& path, bool follow) {
    struct stat status {};
    const int answer = follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
    return answer == 0 ? std::optional{status} : std::nullopt;
}

const char* kind_of(mode_t mode) {
    if (S_ISLNK(mode)) return "a symbolic link";
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

bool is_missing(const std::string& folder) {
    return folder != "/" && folder != "." && !status_of(folder, true) && errno == ENOENT;
}

// The folder itself if it exists, else the nearest existing folder above it.
std::string nearest_folder(std::string folder) {
    while (is_missing(folder)) folder = folder_of(folder);
    return folder;
}

Done check_folder(const Output& output) {
    const auto folder = nearest_folder(folder_of(output.file));
    const auto status = status_of(folder, true);
    if (!status) return config_error(failure("write into", folder, errno));
    if (!S_ISDIR(status->st_mode)) return config_error(failure("write into", folder, ENOTDIR));
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        return config_error(failure("write into", folder, errno));
    }
    return {};
}

// Checks one of the files that a run writes.
Done check_file(const std::string& path, const std::optional<struct stat>& input) {
    const auto status = status_of(path, false);
    if (!status) return {};
    if (!S_ISREG(status->st_mode)) {
        return config_error(
            "the output " + shown(path) + " is " + kind_of(status->st_mode) +
            ", which is refused; give the name of a file, or `-` for standard output"
        );
    }
    // By device and inode, which finds the input through another path or a hard link as well.
    if (input && input->st_dev == status->st_dev && input->st_ino == status->st_ino) {
        return config_error("the output " + shown(path) + " is the input itself");
    }
    return {};
}

}  // namespace

std::string journal_path(const std::string& output) { return output + ".journal"; }

std::string part_path(const std::string& output) { return output + ".part"; }

Expected<OutputPresence, RunError> check_output(const Output& output, const Input& input) {
    if (to_standard_output(output)) return OutputPresence::free;
    if (output.file.empty() || output.file.ends_with('/')) {
        return config_error("the output `" + shown(output.file) + "` is no name of a file");
    }
    if (auto folder = check_folder(output); !folder) return folder.error();
    const auto in = input.file == "-" ? std::nullopt : status_of(input.file, true);
    for (const auto& path : {output.file, part_path(output.file), journal_path(output.file)}) {
        if (auto file = check_file(path, in); !file) return file.error();
    }
    // An output without a journal may be of any origin, so it is refused. With a journal it may be
    // the result of this job, which `find_earlier` decides.
    if (output.overwrite || !status_of(output.file, false)) return OutputPresence::free;
    if (!status_of(journal_path(output.file), false)) return output_exists(output);
    return OutputPresence::there;
}

// Creates folders from the top down and syncs each parent, because a journal is of no use if a
// power cut removes its folder.
Done make_folder(const Output& output) {
    std::vector<std::string> missing;
    for (auto folder = folder_of(output.file); is_missing(folder); folder = folder_of(folder)) {
        missing.push_back(folder);
    }
    for (; !missing.empty(); missing.pop_back()) {
        const auto& folder = missing.back();
        if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
            return config_error(failure("make the folder", folder, errno));
        }
        // Errors are ignored: the folder exists even if it cannot be synced.
        sync_folder({}, folder_of(folder));
    }
    return {};
}

bool is_being_replaced(const Output& output) {
    return status_of(part_path(output.file), false).has_value();
}

RunError output_exists(const Output& output) {
    return config_error(
        "the output " + shown(output.file) +
        " is there already; give another name, or --overwrite to replace it"
    );
}

}  // namespace skein::job
