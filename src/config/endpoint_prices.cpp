// Looks up the models of the endpoints in the file of prices. Invariant: a model is found by its
// exact name or not at all, because a wrong price is worse than none.
// Runs on the thread of the caller of `load_job`; reads the file.
#include "config/endpoint_prices.hpp"

#include "config/prices/price_file.hpp"
#include "dialect/gemini/model_path.hpp"
#include "json/text.hpp"

#include <array>
#include <set>
#include <utility>

namespace skein::config {
namespace {

// A price that the job itself says for the endpoint.
bool has(const Node& endpoint, std::string_view key) {
    const auto* node = endpoint.find(key);
    return node && !node->is_null();
}

std::string prefix_of(const Endpoint& endpoint, const Node& node) {
    if (const auto* as = node.find("price_as"); as && as->is_scalar()) return as->text;
    switch (endpoint.api) {
        case Api::anthropic:
            return "anthropic";
        case Api::gemini:
            return google::is_vertex(endpoint) ? "vertex_ai" : "gemini";
        case Api::azure:
            return "azure";
        case Api::openai:
        case Api::responses:
        case Api::raw:
            return {};
    }
    return {};
}

// The names under which the endpoint is looked up, in this order. None without a model.
std::vector<std::string> names_of(const Endpoint& endpoint, const Node& node) {
    if (endpoint.model.empty()) return {};
    std::vector<std::string> names{endpoint.model};
    if (auto prefix = prefix_of(endpoint, node); !prefix.empty()) {
        names.push_back(std::move(prefix) + "/" + endpoint.model);
    }
    return names;
}

// The prices of the file, with those that the job says in their place.
Prices merged(const Prices& of_file, const Prices& of_job, const Node& node) {
    auto prices = of_file;
    if (has(node, "input_price")) prices.input = of_job.input;
    if (has(node, "output_price")) prices.output = of_job.output;
    if (of_job.cached) prices.cached = of_job.cached;
    if (of_job.cache_write) prices.cache_write = of_job.cache_write;
    if (of_job.cache_write_1h) prices.cache_write_1h = of_job.cache_write_1h;
    if (of_job.reasoning) prices.reasoning = of_job.reasoning;
    return prices;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : " or ") + ("`" + json::printable(name, 100) + "`");
    }
    return text;
}

// Why no price was found, for a person.
std::string why_unknown(
    const std::vector<std::string>& names, const PriceEntries& entries, const std::string& file
) {
    if (names.empty()) return "the endpoint names no model to look up in " + file;
    for (const auto& name : names) {
        const auto found = entries.find(name);
        if (found == entries.end()) continue;
        return "entry `" + json::printable(name, 100) + "` of " + file +
               " has no price for it: " + found->second.why_not;
    }
    return file + " has no entry " + listed(names);
}

// The first of the names that the file has prices for; null if none.
const PriceEntries::value_type* found_in(
    const PriceEntries& entries, const std::vector<std::string>& names
) {
    for (const auto& name : names) {
        const auto found = entries.find(name);
        if (found != entries.end() && found->second.why_not.empty()) return &*found;
    }
    return nullptr;
}

void give(
    Endpoint& endpoint,
    const Node& node,
    const PriceEntries::value_type& found,
    const std::string& file,
    Draft& draft
) {
    const auto& [name, entry] = found;
    const auto of_job = endpoint.prices;
    endpoint.prices = merged(entry.prices, of_job, node);
    for (const auto& rule : entry.rules) {
        endpoint.price_rules.push_back(
            {rule.service_tier, rule.above_input_tokens, merged(rule.prices, of_job, node)}
        );
    }
    endpoint.prices_from = file + ", entry " + json::printable(name, 100);
    for (const auto& member : entry.not_read) {
        draft.job.warnings.push_back(
            node.at.text() + ": entry `" + json::printable(name, 100) + "` of " + file + " has " +
            member + ", which is not read; its plain prices count"
        );
    }
}

// With a limit of the cost nothing may count as free by accident.
void tell_unknown(const Endpoint& endpoint, const Node& node, std::string why, Draft& draft) {
    const auto* model = node.find("model");
    const auto& at = model ? model->at : node.at;
    const auto whose = "endpoint " + json::printable(endpoint.name, 80);
    if (draft.job.settings.max_cost > 0) {
        draft.mistakes.push_back(complain(
            at,
            "max_cost needs the prices of " + whose + ", and " + why +
                "; give its input_price and output_price, or price_as, the prefix of its entry"
        ));
    } else {
        draft.job.warnings.push_back(
            at.text() + ": the cost of " + whose + " is not known: " + why
        );
    }
}

}  // namespace

void give_prices(const Node& root, Draft& draft) {
    const auto* key = root.find("prices");
    const auto* nodes = root.find("endpoints");
    auto& endpoints = draft.job.settings.endpoints;
    if (draft.prices.empty() || !nodes || nodes->children.size() != endpoints.size()) return;
    const auto path = draft.joined(draft.prices);
    std::string text;
    if (auto wrong = read_price_file(path, text)) {
        return add(draft.mistakes, complain(key->at, wrong->first()));
    }
    std::set<std::string> wanted;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        wanted.merge([names = names_of(endpoints[i], nodes->children[i])] {
            return std::set<std::string>{names.begin(), names.end()};
        }());
    }
    auto entries = price_entries(text, path, wanted);
    if (!entries) return add(draft.mistakes, complain(key->at, entries.error().first()));
    const auto file = json::printable(draft.prices, 200);
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto& node = nodes->children[i];
        const auto names = names_of(endpoints[i], node);
        if (const auto* found = found_in(*entries, names)) {
            give(endpoints[i], node, *found, file, draft);
        } else if (!has(node, "input_price") && !has(node, "output_price")) {
            tell_unknown(endpoints[i], node, why_unknown(names, *entries, file), draft);
        }
    }
}

}  // namespace skein::config
