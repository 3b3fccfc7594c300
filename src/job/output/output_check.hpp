// Checks that the output can be written where the job says, before anything is sent.
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
    free,   // No file has this name, or it may be replaced.
    there,  // A file has this name and a journal exists: perhaps the result of this very job.
};

// Refuses: a folder that is not writable, or missing and not creatable; an output that exists
// already without a journal; an output, part or journal that is a symbolic link, pipe, socket,
// device or folder, or that is the input itself.
Expected<OutputPresence, RunError> check_output(const Output& output, const Input& input);

// Creates the folder of the output and its parents if they are missing.
Done make_folder(const Output& output);

// For `OutputPresence::there`: true if an earlier run was killed while it replaced the output. The
// journal may then hold better replies than the output.
bool is_being_replaced(const Output& output);

// The error for an output that exists and must not be replaced.
RunError output_exists(const Output& output);

}  // namespace skein::job
