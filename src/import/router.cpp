// Reads the settings of litellm's router (docs.litellm.ai/docs/proxy/config_settings). Most of them
// may stand in `litellm_settings` as well; `router_settings` wins.
#include "import/router.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace skein::litellm {
namespace {

// `[group, group]`; items of another kind are left out.
Router::Groups groups_in(const Node& list, Notes& notes) {
    Router::Groups groups;
    for (const auto& item : list.children) {
        if (item.is_scalar()) {
            groups.push_back(item.text);
        } else {
            notes.add(item, "a fallback that is no model_name is left out");
        }
    }
    return groups;
}

// `[{group: [group, group]}]`, or one mapping.
void read_fallbacks(const Node& node, Router::Fallbacks& into, Notes& notes) {
    const auto read_map = [&](const Node& map) {
        for (const auto& member : map.children) into[member.key] = groups_in(member, notes);
    };
    if (node.is_map()) return read_map(node);
    for (const auto& item : node.children) {
        if (item.is_map()) {
            read_map(item);
        } else {
            notes.add(item, "a fallback is written as {model_name: [model_name]}");
        }
    }
}

// `{alias: group}`, or `{alias: {model: group}}`.
void read_aliases(const Node& node, Router& router) {
    for (const auto& alias : node.children) {
        const auto* group = alias.is_map() ? alias.find("model") : &alias;
        if (group && group->is_scalar()) router.aliases[alias.key] = group->text;
    }
}

void read_number(const Node& node, std::optional<double>& into, Notes& notes) {
    const auto number = number_of(node);
    if (number) {
        into = number;
    } else {
        notes.add(node, shown(node.key) + " is no number here, and is left out");
    }
}

struct Advice {
    std::string_view name;
    std::string_view words;
};

constexpr std::array advices{
    Advice{
        "routing_strategy", "skein sends to the endpoint that is quickest for its load, by weight"},
    Advice{"routing_strategy_args", "skein has one strategy"},
    Advice{"allowed_fails", "a circuit breaker judges each endpoint by its recent attempts"},
    Advice{"allowed_fails_policy", "a circuit breaker judges each endpoint by its recent attempts"},
    Advice{"cooldown_time", "a circuit breaker judges each endpoint by its recent attempts"},
    Advice{"disable_cooldowns", "a circuit breaker judges each endpoint by its recent attempts"},
    Advice{
        "retry_policy",
        "limits.attempts counts for all faults; docs/faults.md says what is retried"},
    Advice{"model_group_retry_policy", "limits.attempts counts for all models"},
    Advice{"retry_after", "pauses grow by backoff:, and a server's Retry-After is obeyed"},
    Advice{"stream_timeout", "see timeouts.first_byte and timeouts.content"},
    Advice{"enable_pre_call_checks", "a prompt that is too long is refused by the server; see on:"},
    Advice{"max_fallbacks", "every tier is tried"},
    Advice{"default_litellm_params", "write defaults of requests in request:"},
    Advice{"drop_params", "list members to leave out in drop: of an endpoint"},
    Advice{"cache", "a row that was answered is never asked again"},
    Advice{"max_budget", "see limits.max_cost"},
};

// True: the member was carried over.
bool read_member(const Node& member, Router& router, Notes& notes) {
    const auto& key = member.key;
    if (key == "fallbacks") {
        read_fallbacks(member, router.after_failure, notes);
    } else if (key == "context_window_fallbacks") {
        read_fallbacks(member, router.after_context, notes);
    } else if (key == "content_policy_fallbacks") {
        read_fallbacks(member, router.after_filter, notes);
    } else if (key == "default_fallbacks") {
        router.default_fallbacks = groups_in(member, notes);
    } else if (key == "model_group_alias") {
        read_aliases(member, router);
    } else if (key == "num_retries") {
        read_number(member, router.retries, notes);
    } else if (key == "timeout" || key == "request_timeout") {
        read_number(member, router.timeout, notes);
    } else if (key == "default_max_parallel_requests") {
        read_number(member, router.default_in_flight, notes);
    } else {
        return false;
    }
    return true;
}

void read_section(const Node* section, Router& router, Notes& notes) {
    if (!section || !section->is_map()) return;
    for (const auto& member : section->children) {
        if (member.is_null() || read_member(member, router, notes)) continue;
        const auto known = std::ranges::find(advices, member.key, &Advice::name);
        const auto words =
            known == advices.end() ? std::string_view{"has no counterpart"} : known->words;
        notes.add(member, shown(member.key) + ": " + std::string{words});
    }
}

// What remains is about those who ask the proxy: keys, users, logs.
void read_general(const Node* section, Router& router, Notes& notes) {
    if (!section || !section->is_map()) return;
    if (const auto* most = section->find("global_max_parallel_requests")) {
        read_number(*most, router.in_flight, notes);
    }
    notes.add(*section, "general_settings are those of the proxy itself, and are not carried over");
}

}  // namespace

Router read_router(const Node& root, Notes& notes) {
    Router router;
    read_section(root.find("litellm_settings"), router, notes);
    read_section(root.find("router_settings"), router, notes);
    read_general(root.find("general_settings"), router, notes);
    for (const auto& section : root.children) {
        constexpr std::array<std::string_view, 5> read{
            "model_list",
            "litellm_settings",
            "router_settings",
            "general_settings",
            "credential_list"};
        if (section.is_null() || std::ranges::find(read, section.key) != read.end()) continue;
        const bool are_variables = section.key == "environment_variables";
        notes.add(
            section,
            are_variables ? "environment_variables: values are not carried over; set them yourself"
                          : shown(section.key) + " has no counterpart"
        );
    }
    return router;
}

std::string resolved(const Router& router, const std::string& group) {
    const auto alias = router.aliases.find(group);
    return alias == router.aliases.end() ? group : alias->second;
}

}  // namespace skein::litellm
