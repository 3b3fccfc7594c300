// Where the certificates are that programs on this machine trust.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skein::wire {

struct Certificates {
    std::string file{};    // Of many, one after the other (PEM). Empty: libcurl's own.
    std::string folder{};  // Of one each, named by their hash. Empty: libcurl's own.
};

// What is looked at: the environment and the files.
struct Surroundings {
    const char* (*variable)(const char* name);
    bool (*is_file)(const std::string& path);
    bool (*is_folder)(const std::string& path);
    std::string built_in{};  // The file that libcurl was built with.
};

// What the environment names, then what libcurl was built with, then where distributions keep them.
Certificates find_certificates(const Surroundings& around);

// The variable that names what is not there, and what to do.
std::optional<ConfigError> check_certificates(const Surroundings& around);

// Of this machine. Looked up once.
const Certificates& system_certificates();

// The same of this machine, where an endpoint is asked by https.
std::optional<ConfigError> check_certificates_for(const std::vector<Endpoint>& endpoints);

}  // namespace skein::wire
