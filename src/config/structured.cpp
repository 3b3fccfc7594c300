// Reads what answers must satisfy. A schema is checked here, so that a complaint names the place in
// the job file that it is about. Runs on the thread of the caller of `load_job`.
#include "config/structured.hpp"

#include "config/request_text.hpp"
#include "config/values.hpp"
#include "dialect/expectation.hpp"
#include "json/json.hpp"
#include "json/text.hpp"
#include "schema/schema.hpp"
#include "settings/ranges.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace skein::config {
namespace {

constexpr std::size_t max_schema_file = 1024 * 1024;
constexpr Range answers_in_all{1, 10};

// The deepest node on the way that a JSON pointer describes.
const Node& node_at(const Node& from, std::string_view pointer) {
    const Node* at = &from;
    while (pointer.starts_with('/')) {
        pointer.remove_prefix(1);
        const auto token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        const auto index = at->is_list() ? parse_whole(token) : std::nullopt;
        const Node* next = nullptr;
        if (index && *index < at->children.size()) next = &at->children[*index];
        if (at->is_map()) next = at->find(token);
        if (!next) break;
        at = next;
    }
    return *at;
}

// In YAML `type: null` has no text; in a schema it is the name of a type.
void name_null(Node& node) {
    if (!node.is_null()) return;
    node.kind = Node::Kind::scalar;
    node.text = "null";
    node.quoted = true;
}

void name_null_types(Node& schema) {
    for (auto& child : schema.children) {
        const auto& key = child.key;
        if (key == "enum" || key == "const" || key == "default" || key == "examples") continue;
        if (key == "type") {
            name_null(child);
            for (auto& each : child.children) name_null(each);
        }
        name_null_types(child);
    }
}

ConfigError unreadable(const Node& node, const std::string& path, const std::string& why) {
    return complain(
        node.at, "request.schema: " + json::printable(path, 200) + " cannot be read: " + why
    );
}

Complaint read_schema_file(const Node& node, const Draft& draft, std::string& into) {
    if (auto complaint = read_text(node, into)) return complaint;
    const auto path = draft.joined(into);
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return unreadable(node, path, "it is a folder");
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file) return unreadable(node, path, std::strerror(errno));
    into.assign(max_schema_file + 1, '\0');
    file.read(into.data(), static_cast<std::streamsize>(into.size()));
    if (file.bad()) return unreadable(node, path, std::strerror(errno));
    into.resize(static_cast<std::size_t>(file.gcount()));
    if (into.size() > max_schema_file) return unreadable(node, path, "it is larger than 1 MiB");
    if (into.starts_with("\xEF\xBB\xBF")) into.erase(0, 3);
    return std::nullopt;
}

Complaint read_schema(const Node& node, Draft& draft) {
    auto& schema = draft.job.settings.expect.schema;
    std::string text;
    if (node.is_map()) {
        Places places;
        const auto before = draft.mistakes.size();
        auto named = node;
        name_null_types(named);
        write_json(named, text, places, draft.mistakes);
        if (draft.mistakes.size() > before) return std::nullopt;
    } else if (node.is_scalar()) {
        if (auto complaint = read_schema_file(node, draft, text)) return complaint;
    } else {
        return complain(
            node.at,
            "request.schema must be the path of a file with a JSON Schema, or the schema itself as "
            "a mapping, not " +
                found(node)
        );
    }
    const auto compiled = schema::Schema::compile(text);
    if (!compiled) {
        const auto& place = node_at(node, compiled.error().path);
        return complain(
            place.at,
            "request.schema cannot be checked: " + compiled.error().text() +
                " (docs/structured.md lists what can)"
        );
    }
    schema = json::compact(text);
    return std::nullopt;
}

// The finish reasons: one, or a list.
Complaint read_finish(const Node& node, Draft& draft) {
    auto& reasons = draft.job.settings.expect.finish;
    reasons.clear();
    const auto rule = "a finish reason like stop, or a list of them";
    if (node.is_scalar()) return read_text(node, reasons.emplace_back());
    if (!node.is_list() || node.children.empty()) return must_be(node, rule);
    for (const auto& child : node.children) {
        if (!child.is_scalar()) return must_be(child, rule);
        if (auto complaint = read_text(child, reasons.emplace_back())) return complaint;
    }
    return std::nullopt;
}

constexpr Key keys[] = {
    {"json", [](const Node& n, Draft& d) { return read_flag(n, d.job.settings.expect.json); }},
    {"finish", read_finish},
    {"match", [](const Node& n, Draft& d) { return read_text(n, d.job.settings.expect.match); }},
};

}  // namespace

Complaint take_schema(Node& request, Draft& draft) {
    if (!request.is_map()) return std::nullopt;
    const auto take = [&](std::string_view name) -> std::optional<Node> {
        const auto at = std::ranges::find(request.children, name, &Node::key);
        if (at == request.children.end()) return std::nullopt;
        auto taken = std::move(*at);
        request.children.erase(at);
        return taken;
    };
    const auto schema = take("schema");
    const auto attempts = take("schema_attempts");
    if (attempts) {
        auto& into = draft.job.settings.expect.schema_attempts;
        add(draft.mistakes, read_whole(*attempts, answers_in_all, into));
    }
    if (!schema) return std::nullopt;
    if (request.find("response_format")) {
        return complain(
            schema->key_at,
            "schema is sent as response_format, which is in this request already; leave one of the "
            "two out"
        );
    }
    return read_schema(*schema, draft);
}

// Braces of the schema must not become placeholders.
void ask_for_schema(Draft& draft) {
    auto& request = draft.job.request;
    const auto format = response_format_of(draft.job.settings.expect);
    json::Element root;
    if (format.empty() || json::parse(request).get(root)) return;
    if (!json::member(root, "messages")) return;
    request.pop_back();
    request += R"(,"response_format":)";
    for (std::size_t at = 0; at < format.size(); ++at) {
        const bool are_braces = format.substr(at, 2) == "{{";
        request += are_braces ? "{{ '{{' }}" : format.substr(at, 1);
        at += are_braces ? 1 : 0;
    }
    request += '}';
}

std::span<const Key> expect_keys() { return keys; }

}  // namespace skein::config
