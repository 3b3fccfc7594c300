// Applies overrides to the tree of a job file: from `--set` options and `SKEIN_…` variables.
// Invariant: the tree stays a plain tree; each new node carries the origin of its value, for
// messages.
// Reads the environment; no other thread may change it meanwhile.
#include "config/overrides.hpp"

#include "config/keys.hpp"
#include "config/yaml_text.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace skein::config {
namespace {

constexpr std::string_view prefix = "SKEIN_";

// An endpoint without a name has the default one.
bool is_named(const Node& endpoint, std::string_view name) {
    const auto* own = endpoint.find("name");
    return own ? own->text == name : name == Endpoint{}.name;
}

// The child of `from` with this name, created if it is missing. Entries of `endpoints` are found by
// their `name`, and never created. Null if `from` cannot have such a child.
Node* step(Node& from, std::string_view name, const Place& origin) {
    if (from.is_list() && from.key == "endpoints") {
        for (auto& endpoint : from.children) {
            if (endpoint.is_map() && is_named(endpoint, name)) return &endpoint;
        }
        return nullptr;
    }
    // An empty section (`limits:` with nothing below it) becomes a mapping.
    if (from.is_null()) from.kind = Node::Kind::map;
    if (!from.is_map()) return nullptr;
    if (auto* member = from.find(name)) return member;
    auto& member = from.children.emplace_back();
    member.at = member.key_at = origin;
    member.key = name;
    return &member;
}

// The error where a path ends: no such endpoint, or a value that has no members.
ConfigError no_way(const Node& from, std::string_view name, const Place& origin) {
    const auto shown = "'" + json::printable(name, 60) + "'";
    if (from.key != "endpoints" || !from.is_list()) {
        return complain(
            origin, from.key + " is " + found(from) + "; there is no " + shown + " in it"
        );
    }
    std::vector<std::string_view> names;
    for (const auto& endpoint : from.children) {
        const auto* own = endpoint.find("name");
        if (own) names.push_back(own->text);
    }
    auto what = "no endpoint is called " + shown;
    if (!names.empty()) what += advice(name, names);
    return complain(origin, std::move(what));
}

// The names of all `SKEIN_…` variables. Values are not copied, because they may be secrets.
std::vector<std::string> variables() {
    std::vector<std::string> names;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        if (text.starts_with(prefix)) names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

// All keys that a variable may set; the keys of `endpoints` once for each endpoint of the file.
std::vector<std::string> keys_of(const Node& root) {
    constexpr std::string_view of_endpoints = "endpoints.";
    std::vector<std::string> keys;
    for (const auto& key : known_keys()) {
        // The version belongs to the file itself.
        if (key == "version") continue;
        if (!key.starts_with(of_endpoints)) {
            keys.push_back(key);
            continue;
        }
        const auto* endpoints = root.find("endpoints");
        if (!endpoints) continue;
        for (const auto& endpoint : endpoints->children) {
            const auto* name = endpoint.find("name");
            auto path = std::string{of_endpoints} + (name ? name->text : Endpoint{}.name);
            keys.push_back(path + '.' + key.substr(of_endpoints.size()));
        }
    }
    return keys;
}

// Only these are warned of, because SKEIN_ also begins variables that are no settings.
bool begins_like_a_section(std::string_view variable) {
    const auto all = sections();
    return std::any_of(all.begin(), all.end(), [&](const Section& section) {
        return !section.name.empty() && variable.starts_with(variable_for(section.name) + '_');
    });
}

}  // namespace

std::string variable_for(std::string_view key) {
    std::string name{prefix};
    for (const char c : key) {
        const bool is_small = c >= 'a' && c <= 'z';
        const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += is_small ? static_cast<char>(c - 32) : is_plain ? c : '_';
    }
    return name;
}

Complaint apply_override(Node& root, const Override& override) {
    const auto origin = place_outside(override.origin);
    auto value = read_value(override.value, override.origin);
    if (!value) return value.error();

    Node* at = &root;
    std::string_view rest = override.key;
    // One step for each part of the dotted key, with the missing nodes created on the way.
    for (bool is_last = false; !is_last;) {
        const auto dot = std::min(rest.find('.'), rest.size());
        const auto name = rest.substr(0, dot);
        is_last = dot == rest.size();
        rest.remove_prefix(is_last ? dot : dot + 1);
        if (name.empty()) {
            return complain(
                origin,
                "'" + json::printable(override.key, 60) +
                    "' is no key; one looks like limits.in_flight"
            );
        }
        Node* next = step(*at, name, origin);
        if (!next) return no_way(*at, name, origin);
        at = next;
    }
    // Replace the node's value, and keep its name in the tree.
    value->key = std::move(at->key);
    value->key_at = origin;
    *at = *std::move(value);
    return std::nullopt;
}

Complaint apply_environment(Node& root, std::vector<std::string>& warnings) {
    std::vector<std::string> known;
    for (const auto& key : keys_of(root)) {
        const auto& variable = known.emplace_back(variable_for(key));
        // The known keys ask for their variables. Several keys could have one variable, and all are
        // set then.
        const char* value = std::getenv(variable.c_str());
        if (!value) continue;
        if (auto complaint = apply_override(root, {key, value, variable})) return complaint;
    }
    const std::vector<std::string_view> views{known.begin(), known.end()};
    for (const auto& variable : variables()) {
        if (std::find(known.begin(), known.end(), variable) != known.end()) continue;
        if (!begins_like_a_section(variable)) continue;
        const auto meant = nearest(variable, views);
        auto warning = "the environment variable " + variable + " names no key of a job file";
        if (!meant.empty()) warning += "; did you mean '" + std::string{meant} + "'?";
        warnings.push_back(std::move(warning));
    }
    return std::nullopt;
}

}  // namespace skein::config
