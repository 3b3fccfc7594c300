#include "dialect/address.hpp"

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "dialect/join_path.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::string_view user_agent = "skein/" SKEIN_VERSION;

void add_line(
    std::vector<std::string>& lines,
    const Endpoint& endpoint,
    std::string_view name,
    std::string_view value
) {
    const bool replaced = std::ranges::any_of(endpoint.headers, [&](const auto& header) {
        return same_letters(header.first, name);
    });
    if (!replaced) lines.push_back(std::string{name} + ": " + std::string{value});
}

// Those that are ours end the body.
std::string members_without(const Prepared& prepared, AddedMembers left_out) {
    std::string_view theirs = prepared.members();
    std::string ours;
    for (auto row = added_members.size(); row-- > 0;) {
        if (!has(prepared.added, row)) continue;
        theirs.remove_suffix(added_members[row].text.size());
        if (!has(left_out, row)) ours.insert(0, added_members[row].text);
    }
    return std::string{theirs} + ours;
}

}  // namespace

std::string url_for(const Endpoint& endpoint, std::string_view path) {
    return join_path(endpoint.url, path);
}

std::vector<std::string> header_lines_for(const Endpoint& endpoint) {
    std::vector<std::string> lines;
    add_line(lines, endpoint, "Content-Type", "application/json");
    add_line(lines, endpoint, "User-Agent", user_agent);
    if (!endpoint.api_key.empty()) {
        const auto key = std::string{endpoint.api_key.reveal()};
        add_line(lines, endpoint, "Authorization", "Bearer " + key);
    }
    for (const auto& [name, value] : endpoint.headers) lines.push_back(name + ": " + value);
    std::erase_if(lines, [](const std::string& line) {
        return line.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos;
    });
    return lines;
}

std::string body_for(const Endpoint& endpoint, const Prepared& prepared, AddedMembers without) {
    const auto left_out = static_cast<AddedMembers>(without & prepared.added);
    if (left_out == 0 && is_ready_for(endpoint, prepared)) return prepared.body;
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    const auto members = members_without(prepared, left_out);
    std::string body;
    body.reserve(members.size() + model.size() + 16);
    begin_body(body, model);
    if (!model.empty() && !members.empty()) body += ',';
    body += members;
    body += '}';
    return body;
}

void begin_body(std::string& body, std::string_view model) {
    body += '{';
    if (model.empty()) return;
    body += R"("model":)";
    json::append_string(body, model);
}

std::string usual_model(const std::vector<Endpoint>& endpoints) {
    if (endpoints.empty()) return {};
    const auto& model = endpoints.front().model;
    const bool all = std::ranges::all_of(endpoints, [&](const auto& endpoint) {
        return endpoint.model == model;
    });
    return all ? model : std::string{};
}

bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared) {
    constexpr std::string_view begin = R"({"model":")";
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    if (model.empty()) return prepared.members_at == 1;
    // One that must be escaped is another text there.
    const std::string_view body = prepared.body;
    return model.find('\\') == model.npos &&
           prepared.members_at == begin.size() + model.size() + 2 && body.starts_with(begin) &&
           body.substr(begin.size(), model.size()) == model && body[prepared.members_at - 2] == '"';
}

}  // namespace skein
