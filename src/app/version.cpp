#include "app/version.hpp"

#include "wire/curl_global.hpp"

#include <skein/version.hpp>

namespace skein::app {

std::string version_text() {
    return std::string{"skein "} + SKEIN_VERSION + " (libcurl " + wire::libcurl_version() + ")";
}

}  // namespace skein::app
