// Finds the CA certificates that programs on this machine trust (the system's trust store).
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skein::wire {

struct Certificates {
    std::string file{};    // PEM bundle of many certificates. Empty: libcurl's default.
    std::string folder{};  // Folder of one file each, named by hash. Empty: libcurl's default.
};

// Access to the environment and the file system; tests replace it.
struct Surroundings {
    const char* (*variable)(const char* name);
    bool (*is_file)(const std::string& path);
    bool (*is_folder)(const std::string& path);
    std::string built_in{};  // The bundle path that libcurl was built with.
};

// Search order: the environment variables, the path built into libcurl, the paths of distributions.
Certificates find_certificates(const Surroundings& around);

// An error if an environment variable names certificates that do not exist.
std::optional<ConfigError> check_certificates(const Surroundings& around);

// The certificates of this machine. Looked up once; any thread.
const Certificates& system_certificates();

// `check_certificates` for this machine, if any endpoint has an https URL.
std::optional<ConfigError> check_certificates_for(const std::vector<Endpoint>& endpoints);

}  // namespace skein::wire
