// The steps that follow the reading of single keys: what one key gives to all endpoints, and where
// in the file a wrong setting stands.
// Runs on the thread of the caller.
#include "config/whole.hpp"

#include "config/values.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace skein::config {
namespace {

// The key in a job file for the name of a setting in Settings.
std::string key_of(const std::string& setting) {
    constexpr std::string_view under_limits[] = {
        "in_flight",
        "window",
        "attempts",
        "max_retry_after",
        "first_answer",
        "same_refusals",
        "wire_threads",
        "max_requests",
        "hedging",
        "max_tokens",
        "max_cost"};
    const auto end = std::end(under_limits);
    if (std::find(std::begin(under_limits), end, setting) != end) return "limits." + setting;
    if (setting == "fallback_after") return "fallback.after";
    if (setting.starts_with("expect.schema")) return "request" + setting.substr(6);
    // The keys that have another name in a job file.
    if (setting == "local.url") return "local.base_url";
    const auto end_of_index = setting.find("].url");
    if (!setting.starts_with("endpoints[") || end_of_index == setting.npos) return setting;
    return setting.substr(0, end_of_index) + "].base_url";
}

// The place of a setting in the job file, or of its nearest parent that is there. `headers[2]` is
// the third header.
Place place_of(const Node& root, const std::string& setting) {
    const Node* at = &root;
    const auto key = key_of(setting);
    std::string_view rest = key;
    while (!rest.empty()) {
        const auto part = rest.substr(0, rest.find('.'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        const auto bracket = part.find('[');
        const auto* next = at->find(part.substr(0, bracket));
        // One setting may come from one of two keys.
        if (!next && part == "api_key") next = at->find("api_key_file");
        if (!next && part == "base_url") next = at->find("url");
        if (!next) break;
        at = next;
        if (bracket == part.npos) continue;
        const auto index = parse_whole(part.substr(bracket + 1, part.size() - bracket - 2));
        if (!index || *index >= at->children.size()) break;
        const bool is_member = at->is_map();
        at = &at->children[*index];
        if (is_member) return at->key_at;
    }
    return at->at;
}

}  // namespace

void give_proxy_to_all(const Node& root, Draft& draft) {
    auto& endpoints = draft.job.settings.endpoints;
    const auto* nodes = root.find("endpoints");
    // Each node has made one endpoint, valid or not, so the indices agree.
    if (!nodes || nodes->children.size() != endpoints.size()) return;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        if (nodes->children[i].find("proxy")) continue;
        endpoints[i].proxy = draft.proxy;
        endpoints[i].proxy_login = draft.proxy_login;
    }
}

void warn_of_free_endpoints(Job& job) {
    if (job.settings.max_cost <= 0) return;
    for (const auto& endpoint : job.settings.endpoints) {
        if (endpoint.prices.input > 0 && endpoint.prices.output > 0) continue;
        // What its entry says is the whole price: an embedding has no output.
        if (!endpoint.prices_from.empty()) continue;
        const bool is_free = endpoint.prices.input <= 0 && endpoint.prices.output <= 0;
        job.warnings.push_back(
            "limits.max_cost: " + std::string{is_free ? "all" : "a part"} + " of what endpoint " +
            endpoint.name + " is asked counts as free, because " +
            (endpoint.prices.input > 0 ? "its output_price is"
             : is_free                 ? "its prices are"
                                       : "its input_price is") +
            " not given"
        );
    }
}

void add_placed(
    const Node& root,
    const Draft& draft,
    std::vector<ConfigError> wrong_settings,
    Mistakes& mistakes
) {
    for (auto& wrong : wrong_settings) {
        auto error = complain(place_of(root, wrong.where), std::move(wrong.what));
        const auto is_there = [&](const ConfigError& other) { return other.where == error.where; };
        if (std::ranges::none_of(draft.mistakes, is_there)) mistakes.push_back(std::move(error));
    }
}

}  // namespace skein::config
