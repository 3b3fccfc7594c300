// Two addresses, by learn.microsoft.com/azure/ai-services/openai/reference and its page of version
// 1:
//
//     api_version set   /openai/deployments/D/chat/completions?api-version=V; D is the model
//     none              /openai/v1/chat/completions; the body names the model
//
// A base URL that names the deployment by itself is kept, and gets the operation alone.
#include "dialect/azure/azure.hpp"

#include "dialect/request/body.hpp"
#include "dialect/request/percent.hpp"

namespace skein {
namespace {

constexpr std::string_view version_1 = "/v1";

// The operation of a path, without a version in front: `/chat/completions`.
std::string_view without_version(std::string_view path) {
    if (path.starts_with(version_1)) path.remove_prefix(version_1.size());
    return path;
}

std::string_view path(const Endpoint& endpoint, const Prepared& request, std::string& made) {
    const auto operation = without_version(request.path.view());
    const auto& deployment = endpoint.model.empty() ? request.model : endpoint.model;
    if (endpoint.url.find("/deployments/") != std::string::npos) {
        made = operation;
    } else if (endpoint.api_version.empty()) {
        made.assign("/openai/v1").append(operation);
    } else {
        made.assign("/openai/deployments/").append(percent_encoded(deployment)).append(operation);
        made.append("?api-version=").append(percent_encoded(endpoint.api_version));
    }
    return made;
}

// A token of Entra is sent as a bearer token.
void sign(HeaderLines& lines, const Endpoint&) { lines.add_key("api-key"); }

std::optional<std::string> refusal(const Endpoint& endpoint, const Prepared& request) {
    if (request.operation == Operation::other) {
        return "azure can be asked for chats, completions and embeddings, not for " +
               std::string{request.path.view()};
    }
    if (endpoint.api_version.empty()) return std::nullopt;
    const auto& deployment = endpoint.model.empty() ? request.model : endpoint.model;
    // A row may name any model. `..` would take the request, and the key, to another path.
    if (deployment == "." || deployment == "..") return "azure has no deployment of this name";
    if (!deployment.empty()) return std::nullopt;
    return "azure needs the name of a deployment: set the endpoint's model";
}

}  // namespace

// The answer names the model behind the deployment, so it is not compared.
const Dialect azure{
    .api = Api::azure,
    .name = "azure",
    .compares_model = false,
    .path = path,
    .sign = sign,
    .body = common_body,
    .refusal = refusal,
};

}  // namespace skein
