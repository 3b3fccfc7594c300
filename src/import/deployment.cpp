// Reads entries of `model_list` (docs.litellm.ai/docs/proxy/configs). Invariant: no value that may
// be a secret gets into the result or a note: keys become variables.
#include "import/deployment.hpp"

#include "config/keys.hpp"
#include "import/providers.hpp"
#include "model/key_header.hpp"
#include "settings/ranges.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace skein::litellm {
namespace {

// Servers without keys: litellm wants some text there, and these are usual.
constexpr std::array<std::string_view, 9> no_keys{
    "none", "None", "null", "EMPTY", "empty", "dummy", "fake-key", "not-needed", "anything"};

constexpr std::uint64_t usual_answer = 4096;

constexpr double million = 1e6;
constexpr auto max_rate = config::range::max_per_minute;
constexpr auto max_price = config::range::max_money;

constexpr std::array all_number_keys{
    NumberKey{"rpm", "rpm", 1, max_rate},
    NumberKey{"tpm", "tpm", 1, max_rate},
    NumberKey{"itpm", "input_tpm", 1, max_rate},
    NumberKey{"otpm", "output_tpm", 1, max_rate},
    NumberKey{"input_cost_per_token", "input_price", million, max_price},
    NumberKey{"output_cost_per_token", "output_price", million, max_price},
    NumberKey{"cache_read_input_token_cost", "cached_price", million, max_price},
    NumberKey{"cache_creation_input_token_cost", "cache_write_price", million, max_price},
    NumberKey{"output_cost_per_reasoning_token", "reasoning_price", million, max_price},
};

bool is_scalar(const Node* node) { return node && node->is_scalar() && !node->text.empty(); }

// The credential of this name in `credential_list`; its values, or null.
const Node* credential_named(const Node& root, const std::string& name) {
    const auto* list = root.find("credential_list");
    if (!list || !list->is_list()) return nullptr;
    for (const auto& item : list->children) {
        const auto* its_name = item.is_map() ? item.find("credential_name") : nullptr;
        if (!is_scalar(its_name) || its_name->text != name) continue;
        const auto* values = item.find("credential_values");
        return values && values->is_map() ? values : nullptr;
    }
    return nullptr;
}

}  // namespace

bool is_endpoint_key(std::string_view name) {
    const auto keys = config::endpoint_keys();
    return std::ranges::find(keys, name, &config::Key::name) != keys.end();
}

std::span<const NumberKey> number_keys() { return all_number_keys; }

DeploymentReader::DeploymentReader(const Node& root, Notes& notes) : root_{root}, notes_{notes} {}

std::vector<Deployment> DeploymentReader::read() {
    std::vector<Deployment> all;
    const auto* list = root_.find("model_list");
    if (!list || !list->is_list()) return all;
    for (const auto& entry : list->children) {
        if (auto deployment = read_entry(entry)) all.push_back(std::move(*deployment));
    }
    return all;
}

std::optional<Deployment> DeploymentReader::read_entry(const Node& entry) {
    const auto* name = entry.is_map() ? entry.find("model_name") : nullptr;
    params_ = entry.is_map() ? entry.find("litellm_params") : nullptr;
    if (!is_scalar(name) || !params_ || !params_->is_map()) {
        notes_.add(entry, "left out: an entry needs model_name and litellm_params");
        return std::nullopt;
    }
    info_ = entry.find("model_info");
    if (info_ && !info_->is_map()) info_ = nullptr;
    credential_ = nullptr;
    if (const auto* named = params_->find("litellm_credential_name"); is_scalar(named)) {
        credential_ = credential_named(root_, named->text);
        if (!credential_) notes_.add(*named, "no entry of credential_list has this name");
    }
    Deployment deployment;
    deployment.group = name->text;
    deployment.at = entry.at;
    deployment.name = unique_name(name->text);
    if (!read_provider(deployment) || !read_address(deployment)) return std::nullopt;
    read_key(deployment);
    read_headers(deployment);
    read_drop(deployment);
    read_numbers(deployment);
    note_rest(entry);
    return deployment;
}

const Node* DeploymentReader::param(std::string_view name) const {
    const auto* own = params_->find(name);
    if (own && !own->is_null()) return own;
    const auto* lent = credential_ ? credential_->find(name) : nullptr;
    return lent && !lent->is_null() ? lent : nullptr;
}

// `model: provider/name`, where the name may hold slashes as well. `custom_llm_provider` wins.
bool DeploymentReader::read_provider(Deployment& deployment) {
    const auto* model = param("model");
    if (!is_scalar(model)) {
        notes_.add(*params_, "left out: litellm_params.model is missing");
        return false;
    }
    std::string_view name = model->text;
    const auto slash = name.find('/');
    const auto* custom = param("custom_llm_provider");
    provider_ = is_scalar(custom)    ? custom->text
                : slash != name.npos ? std::string{name.substr(0, slash)}
                                     : std::string{provider_of_bare(name)};
    if (name.starts_with(provider_ + "/")) name.remove_prefix(provider_.size() + 1);
    const auto* known = provider_named(provider_);
    if (!known) {
        const auto whose = provider_.empty() ? "the model " + shown(name) : shown(provider_);
        notes_.add(
            *model, "left out: no API is known for " + whose + "; known are " + provider_names()
        );
        return false;
    }
    deployment.api = known->api;
    if (name.find('*') == name.npos) {
        deployment.model = literal(name);
    } else {
        notes_.add(*model, "any model: the rows, or request:, must name it");
    }
    return true;
}

void DeploymentReader::read_key(Deployment& deployment) {
    if (!deployment.key_command.empty()) return;
    const auto* token = param("azure_ad_token");
    if (deployment.api == "azure" && is_scalar(token)) {
        deployment.is_bearer = true;
        return set_key(deployment, *token);
    }
    if (const auto* key = param("api_key"); is_scalar(key)) return set_key(deployment, *key);
    deployment.key = provider_named(provider_)->key;
}

// The same literal key gets the same variable.
void DeploymentReader::set_key(Deployment& deployment, const Node& key) {
    if (const auto name = environment_name(key)) {
        deployment.key = *name;
    } else if (std::ranges::find(no_keys, key.text) != no_keys.end()) {
        notes_.add(key, "no key is sent: this one is a stand-in");
    } else {
        const auto made = variable_name(deployment.name, "API_KEY");
        deployment.key = variables_.try_emplace(key.text, made).first->second;
        notes_.add(key, "the key itself is not carried over: set the variable " + deployment.key);
    }
}

void DeploymentReader::read_headers(Deployment& deployment) {
    if (const auto* whose = param("organization")) {
        if (whose->is_scalar()) {
            deployment.headers.emplace_back("OpenAI-Organization", job_text(*whose));
        } else {
            notes_.add(
                *whose, "a list of organizations: write an endpoint for each, with the header"
            );
        }
    }
    const auto* extra = param("extra_headers");
    if (!extra || !extra->is_map()) return;
    for (const auto& header : extra->children) {
        if (!header.is_scalar()) {
            notes_.add(header, "the header " + shown(header.key) + " is no text");
        } else if (carries_key(header.key) && !environment_name(header)) {
            const auto name = variable_name(deployment.name, "HEADER_KEY");
            deployment.headers.emplace_back(header.key, variable(name));
            notes_.add(header, "the key itself is not carried over: set the variable " + name);
        } else {
            deployment.headers.emplace_back(header.key, job_text(header));
        }
    }
}

// Names of members alone: litellm knows paths into a body as well.
void DeploymentReader::read_drop(Deployment& deployment) {
    const auto* names = param("additional_drop_params");
    if (!names) return;
    for (const auto& name : names->children) {
        if (is_scalar(&name) && name.text.find_first_of(".[") == std::string::npos) {
            deployment.drop.push_back(literal(name.text));
        } else {
            notes_.add(name, "only whole members of a request can be dropped");
        }
    }
}

std::optional<double> DeploymentReader::read_number(std::string_view name) {
    const auto* node = param(name);
    if (!node && info_) node = info_->find(name);
    if (!node || node->is_null()) return std::nullopt;
    const auto number = number_of(*node);
    if (!number) notes_.add(*node, std::string{name} + " is no number here, and is left out");
    return number;
}

std::uint64_t DeploymentReader::read_whole(const char* name) {
    const auto number = read_number(name);
    const bool fits =
        number && *number >= 1 && *number <= 100'000 && std::floor(*number) == *number;
    if (number && !fits) notes_.add(*params_, std::string{name} + " is left out: no usable number");
    return fits ? static_cast<std::uint64_t>(*number) : 0;
}

void DeploymentReader::read_numbers(Deployment& deployment) {
    for (const auto& [name, key, factor, max] : number_keys()) {
        if (!is_endpoint_key(key)) continue;
        const auto number = read_number(name);
        if (number && *number * factor <= max)
            deployment.numbers.emplace_back(key, *number * factor);
    }
    deployment.timeout = read_number("timeout");
    deployment.in_flight = read_whole("max_parallel_requests");
    deployment.max_tokens = read_whole("max_tokens");
    deployment.order = read_number("order").value_or(0);
    if (auto weight = read_number("weight")) {
        deployment.weight =
            std::clamp(*weight, config::range::min_weight, config::range::max_weight);
        if (*deployment.weight != *weight) {
            notes_.add(
                *params_,
                "a weight is 0.01 to 100, so it becomes " + number_text(*deployment.weight)
            );
        }
    }
    if (deployment.api == "anthropic" && deployment.max_tokens == 0) {
        deployment.max_tokens = usual_answer;
        notes_.add(*params_, "Anthropic needs a limit of tokens: max_tokens is set to 4096");
    }
}

// `gpt-4o`, `gpt-4o-2`, and so on.
std::string DeploymentReader::unique_name(const std::string& group) {
    auto name = plain_name(group);
    while (true) {
        const auto count = ++names_[name];
        if (count == 1) return name;
        auto numbered = plain_name(group) + "-" + std::to_string(count);
        if (!names_.contains(numbered)) {
            names_[numbered] = 1;
            return numbered;
        }
    }
}

}  // namespace skein::litellm
