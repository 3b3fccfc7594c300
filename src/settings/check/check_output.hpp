// Validation of the form of an output, shared by the job file and the library.
#pragma once
#include <skein/error.hpp>
#include <skein/job.hpp>

#include <string_view>
#include <vector>

namespace skein {

// The name of a format in the job file: `openai-batch`.
std::string_view name_of(Output::Format format);

// Does the format have columns?
bool has_columns(Output::Format format);

// Is it the format of a maker's batch service that holds answers in that maker's own form?
bool is_native_format(Output::Format format);

// All that is wrong with format, columns and body of the output. `where` is the name of the
// setting, such as `output.columns[1]`, or `output.body` for `Settings::native_body`.
std::vector<ConfigError> all_wrong_output(const Job& job);

}  // namespace skein
