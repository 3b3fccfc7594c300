// Writes the job. Every text from the file is quoted as JSON does, which YAML reads alike, and `${`
// in it is escaped, so that it can be neither YAML nor a variable.
#include "import/import_litellm.hpp"

#include "config/yaml_text.hpp"
#include "import/tiers.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <cmath>

namespace skein {
namespace litellm {
namespace {

constexpr double max_attempts = 100;
constexpr double max_in_flight = 100'000;
constexpr double max_seconds = 30'000'000;  // A job file takes a year at most.

std::string in_quotes(std::string_view text) {
    std::string json;
    json::append_string(json, json::valid_utf8(text));
    return json;
}

std::string flow_list(const std::vector<std::string>& items) {
    std::string text = "[";
    for (const auto& item : items) text += (text.size() > 1 ? ", " : "") + in_quotes(item);
    return text + "]";
}

// Writes the members of one endpoint.
class EndpointText {
public:
    explicit EndpointText(std::string& out) : out_{out} {}

    void add(std::string_view key, const std::string& yaml) {
        (out_ += is_first_ ? "  - " : "    ").append(key).append(": ").append(yaml) += '\n';
        is_first_ = false;
    }
    void add_text(const char* key, const std::string& text) {
        if (!text.empty()) add(key, in_quotes(text));
    }
    void add_number(std::string_view key, const std::optional<double>& number) {
        if (number) add(key, number_text(*number));
    }

private:
    std::string& out_;
    bool is_first_ = true;
};

std::string on_text(const Placed& placed) {
    std::string text;
    const auto add = [&](const char* fault, const std::string& endpoint) {
        if (endpoint.empty()) return;
        text += (text.empty() ? "{" : ", ") + std::string{fault} + ": " + in_quotes(endpoint);
    };
    add("context_exceeded", placed.on_context);
    add("filtered", placed.on_filter);
    return text.empty() ? text : text + "}";
}

void append_endpoint(std::string& out, const Placed& placed, const Router& router) {
    const auto& deployment = placed.deployment;
    EndpointText text{out};
    text.add_text("name", deployment.name);
    text.add("api", deployment.api);
    text.add_text(deployment.is_exact_url ? "url" : "base_url", deployment.url);
    text.add_text("model", deployment.model);
    if (!deployment.key.empty()) text.add_text("api_key", variable(deployment.key));
    if (!deployment.key_command.empty()) {
        text.add("api_key_command", flow_list(deployment.key_command));
        text.add("api_key_lifetime", "55m");
    }
    if (deployment.is_bearer) text.add("auth", "bearer");
    text.add_text("api_version", deployment.api_version);
    if (deployment.max_tokens > 0) text.add("max_tokens", std::to_string(deployment.max_tokens));
    if (!deployment.drop.empty()) text.add("drop", flow_list(deployment.drop));
    if (!deployment.headers.empty()) {
        std::string headers;
        for (const auto& [name, value] : deployment.headers) {
            headers += (headers.empty() ? "{" : ", ") + in_quotes(name) + ": " + in_quotes(value);
        }
        text.add("headers", headers + "}");
    }
    text.add("tier", std::to_string(placed.tier));
    // As a comment where a job file has no such key (yet).
    const auto on = on_text(placed);
    if (!on.empty()) text.add(is_endpoint_key("on") ? "on" : "# on", on);
    text.add_number("weight", deployment.weight);
    const auto usual = router.default_in_flight.value_or(0);
    if (deployment.in_flight > 0) {
        text.add("in_flight", std::to_string(deployment.in_flight));
    } else if (usual >= 1 && usual <= max_in_flight) {
        text.add("in_flight", number_text(std::floor(usual)));
    }
    for (const auto& [key, number] : deployment.numbers) text.add_number(key, number);
    if (deployment.allow_plaintext) text.add("allow_plaintext", "true");
}

// The longest of the deployments' timeouts, because a job has one for all.
void append_settings(
    std::string& out, const std::vector<Placed>& all, const Router& router, Notes& notes
) {
    std::string limits;
    if (router.retries) {
        const auto attempts = std::min(std::floor(*router.retries) + 1, max_attempts);
        limits += "  attempts: " + number_text(attempts) + "\n";
    }
    if (router.in_flight && *router.in_flight >= 1) {
        const auto most = std::min(std::floor(*router.in_flight), max_in_flight);
        limits += "  in_flight: " + number_text(most) + "\n";
    }
    if (!limits.empty()) out += "\nlimits:\n" + limits;
    std::optional<double> longest;
    for (const auto& one : all) {
        const auto timeout = one.deployment.timeout ? one.deployment.timeout : router.timeout;
        if (!timeout) continue;
        if (longest && *longest != *timeout) {
            notes.add(
                one.deployment.at, "timeouts differ: timeouts.attempt is the longest of them"
            );
        }
        longest = std::max(longest.value_or(0), *timeout);
    }
    if (longest && *longest > 0) {
        out += "\ntimeouts:\n  attempt: " + number_text(std::min(*longest, max_seconds)) + "s\n";
    }
}

constexpr const char* rest_to_fill_in = R"(
# To fill in: what to ask, of each row what, and where the answers go (docs/input.md, docs/requests.md).
input:
  file: rows.jsonl                  # one JSON object a line, such as {"text": "What is a skein?"}

request:
  messages:
    - {role: user, content: "{{ text }}"}

output:
  file: replies.jsonl
)";

std::string head_of(const std::string& name, const std::vector<Note>& notes) {
    auto text = "# Made by `skein import` from " + json::printable(name, 200) + ".\n";
    if (!notes.empty()) text += "#\n# To look at, or not carried over:\n";
    for (const auto& note : notes) {
        text += "#   " + json::printable(note.where, 300) + (note.where.empty() ? "" : ": ") +
                note.what + "\n";
    }
    return text + "version: 1\n\nendpoints:\n";
}

}  // namespace
}  // namespace litellm

Expected<ImportedJob, ConfigError> import_litellm(
    std::string_view text, const std::string& name, const std::string& model
) {
    const auto root = config::read_yaml(text, name);
    if (!root) return root.error();
    const auto* list = root->find("model_list");
    if (!list || !list->is_list()) {
        return ConfigError{
            name, "model_list is missing: this is no configuration of a litellm proxy"};
    }
    litellm::Notes notes;
    auto deployments = litellm::DeploymentReader{*root, notes}.read();
    const auto router = litellm::read_router(*root, notes);
    auto all = litellm::placed(std::move(deployments), router, model, notes);
    if (!all) {
        ConfigError error{name, all.error().what};
        for (auto& note : notes.take()) error.others.push_back({note.where, note.what});
        return error;
    }
    std::string body;
    for (const auto& one : *all) litellm::append_endpoint(body, one, router);
    litellm::append_settings(body, *all, router, notes);
    ImportedJob job;
    job.notes = notes.take();
    job.text = litellm::head_of(name, job.notes) + body + litellm::rest_to_fill_in;
    return job;
}

}  // namespace skein
