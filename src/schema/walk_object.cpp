// Objects: their members, the names of these, their number, and which of them must be there. A name
// that stands twice is checked twice.
#include "schema/walk.hpp"

#include <bit>

namespace skein::schema {

bool Walk::object_fits(const Node& node, const Value& value) {
    simdjson::dom::object object;
    if (value.element.get(object)) return true;
    bool is_well = true;
    std::size_t count = 0;
    std::vector<bool> seen(node.required.size());
    if (!pay(node.required.size() / 8)) return false;
    for (const auto field : object) {
        ++count;
        if (goes_on(is_well)) is_well &= member_fits(node, field.key, field.value, seen);
        if (is_entangled_) return false;
    }
    if (goes_on(is_well)) is_well &= has_all_required(node, seen);
    if (!node.members_count.hold(count)) {
        const bool is_few = count < node.members_count.least;
        const auto bound = is_few ? node.members_count.least : node.members_count.most;
        is_well = found([&] {
            return std::string{"must have at "} + (is_few ? "least " : "most ") +
                   std::to_string(bound) + " members, has " + std::to_string(count);
        });
    }
    if (!node.dependencies.empty() && goes_on(is_well)) is_well &= dependencies_hold(node, object);
    return is_well;
}

bool Walk::member_fits(
    const Node& node, std::string_view name, json::Element element, std::vector<bool>& seen
) {
    pay(1 + name.size() / 32 + static_cast<std::size_t>(std::bit_width(node.names.size())) / 4);
    bool is_well = true;
    bool is_known = false;
    const auto at = std::ranges::lower_bound(node.names, name, {}, &Named::name);
    if (at != node.names.end() && at->name == name) {
        if (at->required > 0) seen[at->required - 1] = true;
        if (at->schema != nothing) {
            is_known = true;
            is_well &= fits_inside(at->schema, element, {.name = name});
        }
    }
    for (const auto& [pattern, schema] : node.patterns) {
        if (!goes_on(is_well) || !matches(pattern, name)) continue;
        is_known = true;
        is_well &= fits_inside(schema, element, {.name = name});
    }
    if (!is_known && node.additional != nothing && goes_on(is_well)) {
        is_well &= table_.nodes[node.additional].is_never
                       ? found([&] {
                             return "has the member `" + shown_name(name) +
                                    "`, which the schema does not allow";
                         })
                       : fits_inside(node.additional, element, {.name = name});
    }
    if (node.names_schema != nothing && goes_on(is_well) &&
        !fits_quietly(node.names_schema, value_of_name(name))) {
        is_well = found([&] {
            return "has the member `" + shown_name(name) +
                   "`, whose name is not as `propertyNames` describes it";
        });
    }
    return is_well;
}

bool Walk::has_all_required(const Node& node, const std::vector<bool>& seen) {
    bool is_well = true;
    for (std::size_t i = 0; i < seen.size() && goes_on(is_well); ++i) {
        if (!seen[i])
            is_well = found([&] { return "lacks `" + shown_name(node.required[i]) + '`'; });
    }
    return is_well;
}

bool Walk::dependencies_hold(const Node& node, simdjson::dom::object object) {
    std::vector<std::string_view> names;
    for (const auto field : object) names.push_back(field.key);
    std::ranges::sort(names);
    const auto factor = 1 + static_cast<std::size_t>(std::bit_width(names.size())) / 4;
    if (!pay(names.size() * factor)) return false;
    bool is_well = true;
    for (const auto& [name, needs] : node.dependencies) {
        if (!pay(factor)) return false;
        if (!std::ranges::binary_search(names, name)) continue;
        if (!pay(needs.size() * factor)) return false;
        for (const auto needed : needs) {
            if (!goes_on(is_well) || std::ranges::binary_search(names, needed)) continue;
            is_well = found([&, &trigger = name] {
                return "lacks `" + shown_name(needed) + "`, which `" + shown_name(trigger) +
                       "` needs beside it";
            });
        }
    }
    return is_well;
}

}  // namespace skein::schema
