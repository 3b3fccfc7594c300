// What asks other schemas about the same value.
#include "schema/walk.hpp"

namespace skein::schema {
namespace {

constexpr std::size_t max_branches = 10'000;  // Alternatives that are tried for one answer.

}  // namespace

bool Walk::combinations_fit(const Node& node, const Value& value) {
    bool is_well = true;
    if (node.ref != nothing) is_well &= fits(node.ref, value);
    for (const auto each : node.all_of) {
        if (goes_on(is_well)) is_well &= fits(each, value);
    }
    if (!node.any_of.empty() && goes_on(is_well)) is_well &= any_fits(node, value);
    if (!node.one_of.empty() && goes_on(is_well)) is_well &= one_fits(node, value);
    if (node.not_schema != nothing && goes_on(is_well) && fits_quietly(node.not_schema, value)) {
        is_well = found([] { return "must not be as `not` describes it"; });
    }
    if (node.if_schema != nothing && goes_on(is_well)) is_well &= condition_fits(node, value);
    return is_well;
}

// Told by the kind alone, without a step: so a value that may also be null costs one alternative.
bool Walk::could_fit(Index schema, const Value& value) const {
    const auto* node = &table_.nodes[schema];
    while (!node->is_never && (node->kinds & value.kind) != 0) {
        if (node->ref == nothing) return true;
        node = &table_.nodes[node->ref];  // No circle: the compiler has refused those.
    }
    return false;
}

bool Walk::any_fits(const Node& node, const Value& value) {
    std::vector<Index> possible;
    for (const auto each : node.any_of) {
        if (!pay(1)) return false;
        if (!could_fit(each, value)) continue;
        if (++branches_ > max_branches) is_entangled_ = true;
        if (is_entangled_) return false;
        if (fits_quietly(each, value)) return true;
        possible.push_back(each);
    }
    // What is wrong with the only form of its kind is what is wrong with the value.
    if (possible.size() == 1 && !is_quiet()) return fits(possible.front(), value);
    return found([&] {
        return "fits none of the " + std::to_string(node.any_of.size()) + " forms of `anyOf`";
    });
}

bool Walk::one_fits(const Node& node, const Value& value) {
    std::vector<Index> possible;
    std::size_t fitting = 0;
    for (const auto each : node.one_of) {
        if (!pay(1)) return false;
        if (!could_fit(each, value)) continue;
        if (++branches_ > max_branches) is_entangled_ = true;
        if (is_entangled_) return false;
        possible.push_back(each);
        if (fits_quietly(each, value) && ++fitting == 2) break;
    }
    if (fitting == 1) return !is_entangled_;
    if (fitting == 0 && possible.size() == 1 && !is_quiet()) return fits(possible.front(), value);
    return found([&] {
        const auto forms = std::to_string(node.one_of.size()) + " forms of `oneOf`";
        return fitting == 0 ? "fits none of the " + forms
                            : "fits more than one of the " + forms + ", must fit exactly one";
    });
}

bool Walk::condition_fits(const Node& node, const Value& value) {
    const bool holds = fits_quietly(node.if_schema, value);
    if (is_entangled_) return false;
    const auto then = holds ? node.then_schema : node.else_schema;
    return then == nothing || fits(then, value);
}

}  // namespace skein::schema
