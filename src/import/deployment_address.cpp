// The address of a deployment: its `api_base`, the provider's own, or that of a project on Vertex.
#include "base/ascii.hpp"
#include "import/deployment.hpp"
#include "import/providers.hpp"
#include "settings/url.hpp"

#include <algorithm>
#include <array>

namespace skein::litellm {
namespace {

constexpr std::array<std::string_view, 5> paths_of_requests{
    "/chat/completions", "/completions", "/embeddings", "/responses", "/messages"};

std::string_view host_in(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == url.npos) return {};
    url.remove_prefix(scheme + 3);
    if (url.starts_with('[')) return url.substr(0, std::min(url.find(']'), url.size() - 1) + 1);
    return url.substr(0, url.find_first_of(":/?"));
}

bool has_path(std::string_view url) {
    const auto scheme = url.find("://");
    const auto slash = scheme == url.npos ? url.npos : url.find('/', scheme + 3);
    return slash != url.npos && slash + 1 < url.size();
}

// A part of an address on Vertex: nothing that could lead to another path or host.
bool is_word(const Node* node) {
    if (!node || !node->is_scalar() || node->text.empty()) return false;
    return std::ranges::all_of(node->text, [](char c) {
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-';
    });
}

}  // namespace

bool DeploymentReader::read_address(Deployment& deployment) {
    const auto* version = param("api_version");
    if (version && version->is_scalar() && !version->text.empty()) {
        if (deployment.api == "azure") {
            deployment.api_version = job_text(*version);
        } else {
            notes_.add(*version, "api_version is carried over for azure alone");
        }
    }
    if (provider_.starts_with("vertex_ai")) return read_vertex(deployment);
    const auto* base = param("api_base");
    if (!base) base = param("base_url");
    if (base && base->is_scalar() && !base->text.empty()) {
        set_url(deployment, *base);
        return true;
    }
    deployment.url = provider_named(provider_)->base_url;
    if (deployment.url.empty()) {
        const auto name = variable_name(deployment.name, "BASE_URL");
        deployment.url = variable(name);
        notes_.add(*params_, "api_base is missing: set the variable " + name);
    }
    return true;
}

// Without a query and a login, because either may hold a key.
void DeploymentReader::set_url(Deployment& deployment, const Node& base) {
    if (const auto name = environment_name(base)) {
        deployment.url = variable(*name);
        return;
    }
    std::string url = base.text;
    while (url.ends_with('/')) url.pop_back();
    deployment.is_exact_url = std::ranges::any_of(paths_of_requests, [&](std::string_view path) {
        return url.ends_with(path);
    });
    const auto host = host_in(url);
    const bool is_plain = url.starts_with("http://") && !config::is_this_machine(host);
    const auto kind = deployment.is_exact_url ? config::UrlKind::exact : config::UrlKind::base;
    const bool may_hold_key = url.find_first_of("?@") != url.npos;
    if (may_hold_key || config::check_url(url, {.allow_plaintext = true, .kind = kind})) {
        const auto name = variable_name(deployment.name, "BASE_URL");
        deployment.url = variable(name);
        deployment.is_exact_url = false;
        notes_.add(
            base,
            std::string{
                may_hold_key ? "an address that may hold a key is not carried over"
                             : "this is no address that skein takes"} +
                ": set the variable " + name
        );
        return;
    }
    deployment.url = literal(url);
    deployment.allow_plaintext = is_plain;
    if (is_plain)
        notes_.add(base, "http to another machine: keys and prompts can be read on the way");
    if (deployment.api == "openai" && !has_path(url) && !provider_.starts_with("ollama")) {
        notes_.add(base, "skein adds /v1 to an address without a path, litellm does not");
    }
}

bool DeploymentReader::read_vertex(Deployment& deployment) {
    const auto* project = param("vertex_project");
    const auto* location = param("vertex_location");
    const auto is_gemini = deployment.model.empty() || deployment.model.starts_with("gemini");
    if (!is_gemini) {
        notes_.add(*params_, "left out: of the models on Vertex, skein asks Google's alone");
        return false;
    }
    if (!is_word(project) || !is_word(location)) {
        notes_.add(
            *params_, "left out: vertex_project and vertex_location must be written in the file"
        );
        return false;
    }
    const auto host = location->text == "global" ? "" : location->text + "-";
    deployment.url = "https://" + host + "aiplatform.googleapis.com/v1/projects/" + project->text +
                     "/locations/" + location->text + "/publishers/google";
    deployment.is_bearer = true;
    deployment.key_command = {"gcloud", "auth", "print-access-token"};
    notes_.add(*params_, "the token of Vertex is that of gcloud: api_key_command prints it");
    return true;
}

}  // namespace skein::litellm
