// Every key of a job file, as data: its name, and how it is read.
#pragma once
#include "config/tree.hpp"

#include <skein/job.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// A job on its way from the tree to the caller.
struct Draft {
    Job job{};
    std::filesystem::path folder{};  // What relative paths are relative to. Empty: here.
    Mistakes mistakes{};             // What could not be read; the rest was.
    std::string proxy{};             // Of all endpoints that have none of their own.
    Secret proxy_login{};

    // `-` and what is absolute stay as they are.
    std::string joined(const std::string& path) const;
};

struct Key {
    std::string_view name;
    Complaint (*read)(const Node&, Draft&);
};

struct Section {
    std::string_view name;  // Empty: the job file itself.
    std::span<const Key> keys;
};

// The job file itself first, then its sections.
std::span<const Section> sections();

// Null if there is none of this name.
const Section* section_of(std::string_view name);

// Reads a mapping by its section. A member that cannot be read, and a key that is not in it, go to
// the draft's mistakes, and the others are read all the same.
Complaint read_section(const Node& node, const Section& section, Draft& draft);

// Reads one entry of `endpoints` (src/config/endpoint.cpp).
Complaint read_endpoint(const Node& node, Draft& draft);
std::span<const Key> endpoint_keys();

// Reads `local` (src/config/local.cpp).
Complaint read_local(const Node& node, Draft& draft);
std::span<const Key> local_keys();

// `limits.in_flight`, `endpoints.rpm` …: the keys that hold a value, not a section.
std::vector<std::string> known_keys();

}  // namespace skein::config
