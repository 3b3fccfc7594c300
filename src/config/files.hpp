// Reads the keys of `input` and `output` that have rules of their own.
#pragma once
#include "config/tree.hpp"
#include "config/values.hpp"

#include <skein/job.hpp>

#include <string>
#include <utility>
#include <vector>

namespace skein::config {

// The name of an encoding that iconv(3) has.
Complaint read_encoding(const Node& node, std::string& into);

// `auto`, `tab`, or one character that is no letter, digit, quote or line end.
Complaint read_delimiter(const Node& node, char& into);

// The name of a field; `custom_id` is the default and stored as empty.
Complaint read_id(const Node& node, std::string& into);

// `all`, or a list of field names.
Complaint read_keep(const Node& node, Keep& into);

// Names of columns with their sources, in the order of the file.
Complaint read_columns(const Node& node, std::vector<std::pair<std::string, std::string>>& into);

}  // namespace skein::config
