#include "wire/curl_global.hpp"

#include "wire/curl_handle.hpp"
#include "wire/options.hpp"

#include <mutex>

namespace skein::wire {
namespace {

// 7.85.0 introduced CURLOPT_PROTOCOLS_STR, by which `file:` URLs are forbidden.
constexpr unsigned oldest_version = 0x075500;

ConfigError unfit(const std::string& version, const std::string& why) {
    return {"libcurl", "version " + version + " cannot be used: " + why};
}

}  // namespace

void start_libcurl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::optional<ConfigError> judge_libcurl(const LibcurlFacts& facts) {
    const auto& version = facts.version_name;
    if (facts.version < oldest_version) return unfit(version, "7.85 or newer is needed");
    if (!facts.tls) return unfit(version, "it was built without TLS");
    if (!facts.asynchronous_names) return unfit(version, "its name look-ups block");
    return std::nullopt;
}

std::optional<ConfigError> check_libcurl() {
    start_libcurl();
    const auto* info = curl_version_info(CURLVERSION_NOW);
    const auto unfit_at_sight = judge_libcurl({
        .version_name = info->version,
        .version = info->version_num,
        .tls = (info->features & CURL_VERSION_SSL) != 0,
        .asynchronous_names = (info->features & CURL_VERSION_ASYNCHDNS) != 0,
    });
    if (unfit_at_sight) return unfit_at_sight;
    const EasyHandle easy{curl_easy_init()};
    if (!easy) return unfit(info->version, "it could not make a handle");
    if (const auto refused = set_constant_options(easy.get())) {
        return unfit(info->version, *refused);
    }
    return std::nullopt;
}

std::string libcurl_version() { return curl_version_info(CURLVERSION_NOW)->version; }

}  // namespace skein::wire
