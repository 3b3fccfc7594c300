// Starts libcurl, and checks at program start that its version and build have what skein needs.
#pragma once
#include <skein/error.hpp>

#include <optional>
#include <string>

namespace skein::wire {

// The properties of libcurl that `judge_libcurl` checks.
struct LibcurlFacts {
    std::string version_name;
    unsigned version = 0;  // 0x075501 is 7.85.1.
    bool tls = false;
    bool asynchronous_names = false;
};

// Starts libcurl, once in the life of the process; later calls do nothing. Any thread.
void start_libcurl();

// Starts libcurl, checks it, and makes one handle with every constant option. An error means that
// the installation lacks something, which the program cannot repair.
std::optional<ConfigError> check_libcurl();

// `7.88.1`.
std::string libcurl_version();

// The pure part of `check_libcurl`: judges the facts, without a handle.
std::optional<ConfigError> judge_libcurl(const LibcurlFacts& facts);

}  // namespace skein::wire
