// A key that lies in a file.
#pragma once
#include <skein/error.hpp>
#include <skein/secret.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace skein::config {

// Reads the key into `into`, one trailing line end taken off; or says why not. Line breaks inside
// are refused: the key becomes part of a header line.
std::optional<std::string> read_key_file(const std::filesystem::path& path, Secret& into);

// May everybody on this machine read it?
bool is_world_readable(const std::filesystem::path& path);

}  // namespace skein::config
