// The servers of ours that come with the library, as text.
#pragma once
#include <string>
#include <string_view>

namespace skein::local {

// src/local/engines/transformers_server.py
std::string_view transformers_server();

// False if it cannot be written whole.
bool write_script(const std::string& path, std::string_view text);

}  // namespace skein::local
