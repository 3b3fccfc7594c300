// The keys of a job file as tables: each row has a key's name and the function that reads it.
#pragma once
#include "config/tree.hpp"

#include <skein/job.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::config {

// A job that is being read, with its errors so far.
struct Draft {
    Job job{};
    std::filesystem::path folder{};  // Base of relative paths. Empty: the current folder.
    Mistakes mistakes{};             // Errors of single values; the other values were read.
    std::string proxy{};             // For all endpoints without a `proxy` of their own.
    Secret proxy_login{};
    std::string prices{};        // The file of prices, as the job writes it. Empty: none.
    bool may_hold_keys = false;  // A key may stand in the text, which is no file.

    // `path` relative to the job file's folder. `-` and absolute paths stay unchanged.
    std::string joined(const std::string& path) const;
};

struct Key {
    std::string_view name;
    Complaint (*read)(const Node&, Draft&);
};

struct Section {
    std::string_view name;  // Empty: the top level of the job file.
    std::span<const Key> keys;
};

// The top level first, then the sections.
std::span<const Section> sections();

// The section with this name; null if there is none.
const Section* section_of(std::string_view name);

// Reads a mapping by the table of its section. An invalid value or an unknown key is added to
// `draft.mistakes`, and reading goes on, so that one run reports all errors of a file.
Complaint read_section(const Node& node, const Section& section, Draft& draft);

// Reads one entry of `endpoints` (src/config/endpoint.cpp).
Complaint read_endpoint(const Node& node, Draft& draft);
std::span<const Key> endpoint_keys();

// Reads `local` (src/config/local.cpp).
Complaint read_local(const Node& node, Draft& draft);
std::span<const Key> local_keys();

// All dotted names of keys that hold a value, not a section: `limits.in_flight`, `endpoints.rpm` …
std::vector<std::string> known_keys();

}  // namespace skein::config
