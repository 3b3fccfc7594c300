#include "dialect/address.hpp"

#include "base/ascii.hpp"
#include "base/json_text.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::string_view version_prefix = "/v1";
constexpr std::string_view user_agent = "skein/" SKEIN_VERSION;

bool names_version(std::string_view segment) {
    return segment.size() >= 2 && segment[0] == 'v' && is_digit(segment[1]);
}

// The part after scheme and host; empty if there is none.
std::string_view path_of(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto path = url.find('/', host);
    return path == std::string_view::npos ? std::string_view{} : url.substr(path);
}

bool has_version(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto end = std::min(path.find('/'), path.size());
        if (names_version(path.substr(0, end))) return true;
        path.remove_prefix(end);
    }
    return false;
}

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

}  // namespace

std::string url_for(const Endpoint& endpoint, std::string_view path) {
    std::string_view base = endpoint.url;
    while (base.ends_with('/')) base.remove_suffix(1);
    if (has_version(path_of(base)) && path.starts_with(version_prefix)) {
        path.remove_prefix(version_prefix.size());
    }
    return std::string{base}.append(path);
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

std::string body_for(const Endpoint& endpoint, const Prepared& prepared) {
    if (is_ready_for(endpoint, prepared)) return prepared.body;
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    const auto members = prepared.members();
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
