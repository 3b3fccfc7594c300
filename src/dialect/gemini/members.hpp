// The members of JSON objects are written as everywhere.
#pragma once
#include "json/object_text.hpp"

namespace skein::google {

using json::add_comma;
using json::add_name;
using json::add_number;
using json::add_text;
using json::add_value;

}  // namespace skein::google
