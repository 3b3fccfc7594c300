// The key `proxy`, of an endpoint and of the whole job.
#pragma once
#include "config/tree.hpp"

#include <skein/secret.hpp>

#include <string>

namespace skein::config {

struct ProxySetting {
    std::string& url;
    Secret& login;
};

// `environment`, `none` or a URL. A login may stand in it only where all of it comes from one
// variable of the environment.
Complaint read_proxy(const Node& node, ProxySetting into);

}  // namespace skein::config
