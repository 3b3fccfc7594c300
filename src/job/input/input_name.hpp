// Facts derived from the file name of an input: packing, format, delimiter.
#pragma once
#include <skein/job.hpp>

#include <string>
#include <string_view>

namespace skein::job {

// The name without a compression suffix: `docs.jsonl` for `docs.jsonl.gz`.
std::string_view unpacked_name(std::string_view file);

// The format by the suffix; `automatic` if the suffix does not tell.
Input::Format format_by_name(std::string_view file);

// A tab for `.tsv` and `.tab`; 0 if the suffix does not tell.
char delimiter_by_name(std::string_view file);

bool is_json_lines_name(std::string_view file);

// A delimiter as messages show it: `';'`, `tab`.
std::string delimiter_shown(char delimiter);

}  // namespace skein::job
