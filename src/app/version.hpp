#pragma once
#include <string>

namespace skein::app {

// skein's own, and that of libcurl, which does the sending.
std::string version_text();

}  // namespace skein::app
