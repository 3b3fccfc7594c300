// Builds URL, header lines and body for one endpoint. Invariant: `is_ready_for` is true only if
// `body_for` (without omissions) would give the same bytes. Pure; any thread.
#include "dialect/openai/address.hpp"

#include "base/ascii.hpp"
#include "dialect/openai/join_path.hpp"
#include "dialect/openai/paths.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::string_view user_agent = "skein/" SKEIN_VERSION;

// The parts of a base URL. `path` begins with a slash or is empty; `query` begins with `?` or is
// empty.
struct Parts {
    std::string_view root;  // Scheme and host.
    std::string_view path;
    std::string_view query;
    std::string_view socket;
};

constexpr std::string_view unix_scheme = "unix:";
constexpr std::string_view behind_socket = "http://localhost";

// `unix:/run/llm.sock`, `unix:/run/llm.sock:/v1`, and the same with `unix://`.
Parts parts_of_unix(std::string_view rest) {
    if (rest.starts_with("//")) rest.remove_prefix(2);
    const auto colon = std::min(rest.find(":/"), rest.size());
    auto path = rest.substr(std::min(colon + 1, rest.size()));
    const auto query = std::min(path.find('?'), path.size());
    return {behind_socket, path.substr(0, query), path.substr(query), rest.substr(0, colon)};
}

// A URL without a scheme begins with its host. A slash in the query does not begin a path.
Parts parts_of(std::string_view url) {
    if (url.starts_with(unix_scheme)) return parts_of_unix(url.substr(unix_scheme.size()));
    const auto query = std::min(url.find('?'), url.size());
    const auto scheme = url.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto path = std::min(url.find('/', host), query);
    return {url.substr(0, path), url.substr(path, query - path), url.substr(query), {}};
}

// A header of the user replaces ours, in any case of letters. So `Authorization` can be replaced,
// for servers with another scheme.
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

// The members of the body, without the omitted ones. The members that skein added stand at the end.
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

// The query of the base moves to the end. If the path of the row has a query as well, both are
// joined by `&`.
Address address_for(const Endpoint& endpoint, std::string_view path) {
    const auto [root, base, query, socket] = parts_of(endpoint.url);
    auto url = std::string{root}.append(base);
    if (!endpoint.exact_url) url = join_path(url, path);
    const bool has_query = url.find('?') != url.npos;
    if (has_query && !query.empty()) {
        url.append("&").append(query.substr(1));
    } else {
        url.append(query);
    }
    return {std::move(url), std::string{socket}};
}

// Only a URL that ends in a known path says which operation it is for. Any other exact URL takes
// every request.
std::optional<std::string> misfit(const Endpoint& endpoint, std::string_view path) {
    if (!endpoint.exact_url) return std::nullopt;
    const auto base = parts_of(endpoint.url).path;
    for (const auto operation : {Operation::chat, Operation::completion, Operation::embedding}) {
        const auto tail = usual_path_of(operation).substr(std::string_view{"/v1"}.size());
        if (!base.ends_with(tail)) continue;
        if (operation == operation_of(path)) return std::nullopt;
        return "the url of endpoint " + endpoint.name + " is for " + std::string{tail} +
               ", and this request is for " + std::string{path} +
               "; give another endpoint, or base_url in place of url";
    }
    return std::nullopt;
}

// Says how the address may be corrected. The likely mistake depends on the base: one without a
// path, or one without a version.
std::string address_advice(const Endpoint& endpoint) {
    if (endpoint.exact_url) return "url is the whole address, to which nothing is added";
    const auto [root, path, query, socket] = parts_of(endpoint.url);
    if (path.find_first_not_of('/') == path.npos) {
        return "/v1 is added where base_url has no path, and url: is for an exact address";
    }
    if (has_version(path)) return "url: is for an exact address";
    auto base = endpoint.url.substr(0, endpoint.url.size() - query.size());
    while (base.ends_with('/')) base.pop_back();
    return "many servers have this API below /v1: " + base + "/v1" + shown_url(query);
}

std::string shown_url(std::string_view url) {
    constexpr std::string_view harmless = "api-version=";
    auto query = std::min(url.find('?'), url.size());
    std::string shown{url.substr(0, query)};
    while (query < url.size()) {
        const auto end = std::min(url.find('&', query + 1), url.size());
        const auto member = url.substr(query, end - query);
        const auto equals = std::min(member.find('='), member.size());
        const bool is_shown = equals == member.size() || member.substr(1).starts_with(harmless);
        shown += is_shown ? member : member.substr(0, equals);
        if (!is_shown) shown += "=…";
        query = end;
    }
    return shown;
}

std::string shown_address(const Endpoint& endpoint, std::string_view path) {
    const auto [url, socket] = address_for(endpoint, path);
    const auto at = socket.empty() ? "" : " at the socket " + json::printable(socket, 200);
    return shown_url(url) + at;
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
    // The last defence against header injection; the settings were checked before.
    std::erase_if(lines, [](const std::string& line) {
        return line.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos;
    });
    return lines;
}

// Makes a body anew for a model other than the usual one, or without some added members. The model
// comes first, as in the prepared body.
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

// The model that goes into prepared bodies, so that most attempts can borrow them.
std::string usual_model(const std::vector<Endpoint>& endpoints) {
    if (endpoints.empty()) return {};
    const auto& model = endpoints.front().model;
    const bool all = std::ranges::all_of(endpoints, [&](const auto& endpoint) {
        return endpoint.model == model;
    });
    return all ? model : std::string{};
}

// Compares the bytes where the model stands, instead of parsing the body.
bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared) {
    constexpr std::string_view begin = R"({"model":")";
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    if (model.empty()) return prepared.members_at == 1;
    // A model name with a backslash is escaped in the body, so the texts cannot be compared.
    const std::string_view body = prepared.body;
    return model.find('\\') == model.npos &&
           prepared.members_at == begin.size() + model.size() + 2 && body.starts_with(begin) &&
           body.substr(begin.size(), model.size()) == model && body[prepared.members_at - 2] == '"';
}

}  // namespace skein
