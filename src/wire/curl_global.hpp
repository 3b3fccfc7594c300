// Is this libcurl fit for us? Asked once, at the start of the program.
#pragma once
#include <skein/error.hpp>

#include <optional>
#include <string>

namespace skein::wire {

// What `check_libcurl` looks at.
struct LibcurlFacts {
    std::string version_name;
    unsigned version = 0;  // 0x075501 is 7.85.1.
    bool tls = false;
    bool asynchronous_names = false;
};

// Starts libcurl, once in the life of the process; later calls do nothing.
void start_libcurl();

// Starts libcurl and makes one handle with every option we use. What is missing, if anything: a
// matter of the installation, which the program can do nothing about.
std::optional<ConfigError> check_libcurl();

// `7.88.1`.
std::string libcurl_version();

// The part of it that only looks.
std::optional<ConfigError> judge_libcurl(const LibcurlFacts& facts);

}  // namespace skein::wire
