// References within a document, and the proof that none of them leads in a circle that consumes
// nothing: such a schema would be asked about the same value for ever.
#include "schema/compiler.hpp"

#include <charconv>
#include <utility>

namespace skein::schema {
namespace {

constexpr std::size_t max_item = 1000;  // Of a list that a reference leads into.
// References and combinations in a row about the same value. Bounds the stack of a check.
constexpr std::size_t max_in_a_row = 64;

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

// A part of a pointer within a URI: `%7E` is an octet, `~1` a slash, `~0` a tilde.
std::optional<std::string> decoded(std::string_view token) {
    std::string octets;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '%') {
            octets += token[i];
            continue;
        }
        if (i + 2 >= token.size()) return std::nullopt;
        const auto high = hex_digit(token[i + 1]);
        const auto low = hex_digit(token[i + 2]);
        if (!high || !low) return std::nullopt;
        octets += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    std::string name;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (octets[i] != '~') {
            name += octets[i];
            continue;
        }
        ++i;
        if (i == octets.size() || (octets[i] != '0' && octets[i] != '1')) return std::nullopt;
        name += octets[i] == '0' ? '~' : '/';
    }
    return name;
}

}  // namespace

void Compiler::read_ref(const Here& here, json::Element value, std::string at) {
    std::string_view reference;
    if (value.get(reference)) return refuse(at, "must be a string");
    if (const auto target = resolve(reference, at))
        here.node.ref = add(target->element, target->pointer);
}

std::optional<Compiler::Target> Compiler::resolve(
    std::string_view reference, const std::string& at
) {
    Target target{root_, ""};
    if (reference == "#") return target;
    if (!reference.starts_with("#/")) {
        refuse(at, "skein follows references within the document only: `#`, `#/$defs/…`");
        return std::nullopt;
    }
    auto rest = reference.substr(1);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const auto raw = rest.substr(0, rest.find('/'));
        rest.remove_prefix(raw.size());
        const auto name = decoded(raw);
        const auto found = name ? step_into(target, *name) : std::nullopt;
        if (!found) {
            refuse(at, "it refers to nothing in this document");
            return std::nullopt;
        }
        target = {*found, target.pointer + '/' + pointer_token(*name)};
        // Beyond another `$id`, `#` is another document.
        const auto id = rest.empty() ? std::nullopt : step_into(target, "$id");
        if (id && id->is_string()) {
            refuse(at, "it refers to a part below another `$id`");
            return std::nullopt;
        }
    }
    return target;
}

// Each object is put into an index once, since many references lead through the same definitions.
std::optional<json::Element> Compiler::step_into(const Target& from, std::string_view token) {
    simdjson::dom::object object;
    if (!from.element.get(object)) {
        const auto [at, is_new] = indexes_.try_emplace(from.pointer);
        if (is_new) {
            for (const auto field : object) at->second.emplace(field.key, field.value);
        }
        const auto found = at->second.find(token);
        return found == at->second.end() ? std::nullopt : std::optional{found->second};
    }
    simdjson::dom::array list;
    std::size_t index = 0;
    const auto end = token.data() + token.size();
    const bool is_index = std::from_chars(token.data(), end, index).ptr == end && !token.empty();
    const bool is_plain = token == "0" || !token.starts_with('0');
    if (from.element.get(list) || !is_index || !is_plain || index >= max_item) return std::nullopt;
    for (const auto each : list) {
        if (index-- == 0) return each;
    }
    return std::nullopt;
}

// The schemas that a schema asks about the same value.
std::vector<Index> Compiler::same_value(const Node& node) const {
    std::vector<Index> all;
    for (const auto* list : {&node.all_of, &node.any_of, &node.one_of})
        all.insert(all.end(), list->begin(), list->end());
    for (const auto one :
         {node.ref, node.not_schema, node.if_schema, node.then_schema, node.else_schema}) {
        if (one != nothing) all.push_back(one);
    }
    return all;
}

// Takes away, again and again, what nothing asks for any more. What is left at the end asks for
// itself.
void Compiler::check_circles() {
    const auto count = table_.nodes.size();
    std::vector<std::size_t> askers(count), rank(count);
    for (const auto& node : table_.nodes) {
        for (const auto asked : same_value(node)) ++askers[asked];
    }
    std::deque<Index> free;
    for (Index i = 0; i < count; ++i) {
        if (askers[i] == 0) free.push_back(i);
    }
    for (; !free.empty(); free.pop_front()) {
        const auto from = free.front();
        for (const auto asked : same_value(table_.nodes[from])) {
            rank[asked] = std::max(rank[asked], rank[from] + 1);
            if (--askers[asked] == 0) free.push_back(asked);
        }
        if (rank[from] > max_in_a_row)
            return refuse(pointers_[from], "more than 64 references lead here in a row");
    }
    for (Index i = 0; i < count; ++i) {
        if (askers[i] != 0)
            return refuse(pointers_[i], "it refers to itself without going into a value");
    }
}

}  // namespace skein::schema
