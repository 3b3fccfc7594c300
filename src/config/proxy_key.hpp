// Reads the key `proxy`, of an endpoint or of the whole job.
#pragma once
#include "config/tree.hpp"

#include <skein/secret.hpp>

#include <string>

namespace skein::config {

struct ProxySetting {
    std::string& url;
    Secret& login;
};

// `environment`, `none` or a URL. A URL with a login is allowed only if all of it comes from one
// environment variable, because job files are shown and committed.
Complaint read_proxy(const Node& node, ProxySetting into);

}  // namespace skein::config
