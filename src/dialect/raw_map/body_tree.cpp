#include "dialect/raw_map/body_tree.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <utility>

namespace skein::mapped {

// Recursive; the parser bounds the depth.
BodyTree BodyTree::from(json::Element given) {
    BodyTree tree;
    simdjson::dom::object object;
    if (given.get(object)) {
        tree.is_object = false;
        tree.json = json::one_line(given);
        return tree;
    }
    for (const auto& [name, value] : object) {
        auto member = from(value);
        member.name = name;
        tree.members.push_back(std::move(member));
    }
    return tree;
}

bool BodyTree::set(const Pointer& pointer, std::string value) {
    auto* at = this;
    for (const auto& step : pointer.steps) {
        if (!at->is_object) return false;
        const auto known = std::ranges::find(at->members, step, &BodyTree::name);
        if (known != at->members.end()) {
            at = &*known;
        } else {
            at = &at->members.emplace_back();
            at->name = step;
        }
    }
    at->members.clear();
    at->is_object = false;
    at->json = std::move(value);
    return true;
}

void BodyTree::write(std::string& out) const {
    if (!is_object) {
        out += json;
        return;
    }
    out += '{';
    for (const auto& member : members) {
        if (&member != &members.front()) out += ',';
        json::append_string(out, member.name);
        out += ':';
        member.write(out);
    }
    out += '}';
}

}  // namespace skein::mapped
