#include "dialect/gemini/model_path.hpp"

#include "dialect/request/percent.hpp"

namespace skein::google {
namespace {

// Without `alt=sse` a stream would be one JSON list.
std::string_view method_of(const Prepared& request) {
    if (request.operation == Operation::embedding) return ":batchEmbedContents";
    return request.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
}

}  // namespace

std::string_view model_of(const Endpoint& endpoint, const Prepared& request) {
    return endpoint.model.empty() ? request.model : endpoint.model;
}

std::string resource_of(std::string_view model) {
    const bool is_whole = model.starts_with("models/") || model.starts_with("tunedModels/");
    return (is_whole ? "" : "models/") + std::string{model};
}

// A row may name any model. `../..` would take the request, and the key, to another method.
Refusal refusal_of_model(std::string_view model) {
    if (model.empty()) return "gemini cannot be asked without a model";
    for (auto rest = resource_of(model) + '/'; !rest.empty();) {
        const auto segment = rest.substr(0, rest.find('/'));
        if (segment.empty() || segment == "." || segment == "..") {
            return "gemini has no model of the name `" + json::printable(model, 80) + '`';
        }
        rest.erase(0, segment.size() + 1);
    }
    return std::nullopt;
}

bool is_vertex(const Endpoint& endpoint) {
    auto base = std::string_view{endpoint.url}.substr(0, endpoint.url.find('?'));
    while (base.ends_with('/')) base.remove_suffix(1);
    return base.ends_with("/publishers/google");
}

std::string_view path_of_model(
    const Endpoint& endpoint, const Prepared& request, std::string& made
) {
    const bool is_known =
        request.operation == Operation::chat || request.operation == Operation::embedding;
    if (!is_known) return request.path.view();
    made.clear();
    if (!is_vertex(endpoint)) {
        const auto& version = endpoint.api_version;
        made.append("/").append(version.empty() ? "v1beta" : percent_encoded(version, "/"));
    }
    made.append("/").append(percent_encoded(resource_of(model_of(endpoint, request)), "/"));
    return made += method_of(request);
}

}  // namespace skein::google
