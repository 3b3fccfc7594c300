#pragma once
#include <string_view>

namespace skein::local {

// The ELF file of the shim.
std::string_view keeper_bytes();

}  // namespace skein::local
