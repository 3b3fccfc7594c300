// Reads an API key from a file.
#pragma once
#include <skein/error.hpp>
#include <skein/secret.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace skein::config {

// Reads the key into `into`, without one trailing line end; returns the error, or nothing. A key
// with a line break inside is refused, because the key becomes part of a header line.
std::optional<std::string> read_key_file(const std::filesystem::path& path, Secret& into);

// Whether the file is world-readable (permission bit o+r).
bool is_world_readable(const std::filesystem::path& path);

}  // namespace skein::config
