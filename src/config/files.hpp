// How the input is written and what of it goes to the output: values that have rules of their own.
#pragma once
#include "config/tree.hpp"
#include "config/values.hpp"

#include <skein/job.hpp>

#include <string>

namespace skein::config {

// A name that iconv(3) knows.
Complaint read_encoding(const Node& node, std::string& into);

// `auto`, `tab`, or one character that is no letter, digit, quote or line end.
Complaint read_delimiter(const Node& node, char& into);

// The name of a field; `custom_id` is the same as none.
Complaint read_id(const Node& node, std::string& into);

// `all`, or a list of names of fields.
Complaint read_keep(const Node& node, Keep& into);

}  // namespace skein::config
