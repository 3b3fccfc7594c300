// What the name of an input says of it.
#pragma once
#include <skein/job.hpp>

#include <string>
#include <string_view>

namespace skein::job {

// Without the ending of a packer: `docs.jsonl` of `docs.jsonl.gz`.
std::string_view unpacked_name(std::string_view file);

// `automatic`, if the name does not say it.
Input::Format format_by_name(std::string_view file);

// A tab for `.tsv`; 0, if the name does not say it.
char delimiter_by_name(std::string_view file);

bool is_json_lines_name(std::string_view file);

// `';'`, `tab`
std::string delimiter_shown(char delimiter);

}  // namespace skein::job
