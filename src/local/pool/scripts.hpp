// Server scripts that are embedded in the library.
#pragma once
#include <string>
#include <string_view>

namespace skein::local {

// src/local/pool/engines/transformers_server.py
std::string_view transformers_server();

// False if the file cannot be written completely.
bool write_script(const std::string& path, std::string_view text);

}  // namespace skein::local
