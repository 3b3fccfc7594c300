#pragma once
#include <string>

namespace skein::app {

// The versions of skein and of libcurl.
std::string version_text();

}  // namespace skein::app
