#pragma once
#include <string_view>

namespace skein::local {

std::string_view keeper_bytes();

}  // namespace skein::local
