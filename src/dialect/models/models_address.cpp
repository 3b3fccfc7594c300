// Where each API lists its models (their references, "List models"):
//
//     openai, responses   /v1/models
//     anthropic           /v1/models?limit=1000[&after_id=MARK]
//     gemini              /v1beta/models?pageSize=1000[&pageToken=MARK]
//     azure               /openai/v1/models, or /openai/models?api-version=V
//
// An exact URL that ends in a known operation stands beside the list. Any other one tells nothing.
#include "dialect/gemini/model_path.hpp"
#include "dialect/models/model_list.hpp"
#include "dialect/request/percent.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

constexpr std::array<std::string_view, 5> operations{
    "/chat/completions", "/completions", "/embeddings", "/responses", "/messages"};

// What follows `?` in the address of a page.
std::string query_of(const Endpoint& endpoint, std::string_view after) {
    std::string_view size, mark;
    if (endpoint.api == Api::anthropic) size = "limit=1000", mark = "&after_id=";
    if (endpoint.api == Api::gemini) size = "pageSize=1000", mark = "&pageToken=";
    std::string query{size};
    if (!size.empty() && !after.empty()) query.append(mark).append(percent_encoded(after));
    if (endpoint.api == Api::azure && !endpoint.api_version.empty()) {
        query.append("api-version=").append(percent_encoded(endpoint.api_version));
    }
    return query;
}

std::string path_of(const Endpoint& endpoint) {
    if (endpoint.api == Api::gemini) {
        const auto& version = endpoint.api_version;
        return "/" + (version.empty() ? "v1beta" : percent_encoded(version, "/")) + "/models";
    }
    if (endpoint.api != Api::azure) return "/v1/models";
    return endpoint.api_version.empty() ? "/openai/v1/models" : "/openai/models";
}

// Replaces the operation at the end of an exact URL by `/models`. False: it ends in none.
bool leads_to_list(Endpoint& endpoint) {
    const auto query = std::min(endpoint.url.find('?'), endpoint.url.size());
    const auto path = std::string_view{endpoint.url}.substr(0, query);
    const auto end = std::ranges::find_if(operations, [&](auto it) { return path.ends_with(it); });
    if (end == operations.end()) return false;
    endpoint.url.replace(path.size() - end->size(), end->size(), "/models");
    return true;
}

}  // namespace

ModelsAddress models_address(const Endpoint& endpoint, std::string_view after) {
    const auto none = [](const char* why) { return ModelsAddress{.why_none = why}; };
    if (endpoint.api == Api::raw) return none("api: raw does not say where a list of models is");
    if (endpoint.api == Api::gemini && google::is_vertex(endpoint)) {
        return none("Vertex has no list of models below this base_url");
    }
    if (endpoint.api == Api::azure && endpoint.url.find("/deployments/") != std::string::npos) {
        return none("its base_url leads to one deployment, which has no list of models");
    }
    const auto query = query_of(endpoint, after);
    if (!endpoint.exact_url) {
        return {
            .address =
                address_for(endpoint, path_of(endpoint) + (query.empty() ? "" : "?") + query)};
    }
    auto exact = endpoint;
    if (!leads_to_list(exact)) {
        return none("url is an exact address, from which that of the list cannot be told");
    }
    if (!query.empty()) exact.url += (exact.url.find('?') == exact.url.npos ? "?" : "&") + query;
    return {.address = address_for(exact, {})};
}

std::string_view caveat_of(const Endpoint& endpoint) {
    if (endpoint.api != Api::azure) return {};
    return "Azure lists what can be deployed, not the deployments, so the model is not compared";
}

}  // namespace skein
