// The members of an entry that have no counterpart in a job file.
#include "import/deployment.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace skein::litellm {
namespace {

// Read elsewhere. `id` is litellm's own number of a deployment.
constexpr std::array<std::string_view, 19> carried{
    "model",
    "custom_llm_provider",
    "api_base",
    "base_url",
    "api_key",
    "api_version",
    "azure_ad_token",
    "litellm_credential_name",
    "organization",
    "extra_headers",
    "timeout",
    "max_parallel_requests",
    "max_tokens",
    "order",
    "weight",
    "vertex_project",
    "vertex_location",
    "additional_drop_params",
    "id"};

constexpr std::array<std::string_view, 16> of_requests{
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "response_format",
    "tools",
    "tool_choice",
    "reasoning_effort",
    "stream",
    "thinking",
    "max_completion_tokens",
    "parallel_tool_calls"};

bool is_in(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_carried(std::string_view name) {
    if (is_in(carried, name)) return true;
    return std::ranges::any_of(number_keys(), [&](const NumberKey& number) {
        return number.name == name && is_endpoint_key(number.key);
    });
}

std::string advice_for(std::string_view name) {
    if (is_in(of_requests, name)) return "is a default of requests: write it in request:";
    if (name == "stream_timeout") return "is not carried over: see timeouts.first_byte and content";
    if (name == "max_retries" || name == "num_retries") {
        return "is of the whole job: limits.attempts";
    }
    if (name == "drop_params") return "is not carried over: list the members in drop:";
    if (name == "extra_body") return "is not carried over: write its members in extra:";
    if (name == "vertex_credentials") return "is not carried over: gcloud must be logged in";
    return "has no counterpart";
}

}  // namespace

void DeploymentReader::note_rest(const Node& entry) {
    for (const auto& member : params_->children) {
        if (is_carried(member.key) || member.is_null()) continue;
        notes_.add(member, shown(member.key) + " " + advice_for(member.key));
    }
    for (const auto& member : entry.children) {
        if (member.key == "model_name" || member.key == "litellm_params") continue;
        if (member.key == "model_info" && member.is_map()) continue;
        notes_.add(member, shown(member.key) + " has no counterpart");
    }
    if (!info_) return;
    for (const auto& member : info_->children) {
        if (is_carried(member.key) || member.is_null()) continue;
        notes_.add(member, "model_info." + shown(member.key) + " has no counterpart");
    }
}

}  // namespace skein::litellm
