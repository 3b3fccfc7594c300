#include "settings/check/check_raw.hpp"

#include "dialect/raw_map/raw_map.hpp"

#include <utility>

namespace skein::config {

void check_raw(const Endpoint& endpoint, const std::string& at, std::vector<ConfigError>& wrong) {
    if (endpoint.api != Api::raw) {
        if (endpoint.raw.empty()) return;
        wrong.push_back({at + "raw", "raw is for api: raw; leave it out, or write api: raw"});
        return;
    }
    if (endpoint.raw.empty()) {
        wrong.push_back(
            {at + "raw",
             "raw is missing: where the parts of a request go, and where those of an answer stand "
             "(docs/apis.md)"}
        );
        return;
    }
    std::vector<mapped::RawMistake> mistakes;
    const auto map = mapped::compile(endpoint.raw, mistakes);
    for (auto& [where, what] : mistakes) {
        wrong.push_back({at + "raw" + (where.empty() ? "" : ".") + where, std::move(what)});
    }
    if (endpoint.max_tokens > 0 && mistakes.empty() && !map.request.place_of("max_tokens")) {
        wrong.push_back(
            {at + "max_tokens",
             "max_tokens has no place in the request: name it in raw.request.max_tokens"}
        );
    }
}

}  // namespace skein::config
