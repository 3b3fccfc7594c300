// May the output be written where the job says? BuiltRequest before anything is sent.
#pragma once
#include "job/file/disk.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <string>

namespace skein::job {

std::string journal_path(const std::string& output);
std::string part_path(const std::string& output);

inline bool to_standard_output(const Output& output) { return output.file == "-"; }

enum class OutputPresence : std::uint8_t {
    free,   // Nothing of that name, or it may be replaced.
    there,  // A file of that name, and a journal: perhaps the finished result of this very job.
};

// Refused: a folder that cannot be written to, or is missing and cannot be made; an output that is
// there already, that is a symbolic link, a pipe, a device or a folder; and an output, part or
// journal that is the input itself.
Expected<OutputPresence, RunError> check_output(const Output& output, const Input& input);

// Makes the folder of the output, and those above it, if they are missing.
Done make_folder(const Output& output);

// For `OutputPresence::there`: an earlier run has begun to replace it, and was killed. The journal
// may have better replies than it.
bool is_being_replaced(const Output& output);

// For `OutputPresence::there`, where the journal is not that of this job, finished.
RunError output_exists(const Output& output);

}  // namespace skein::job
