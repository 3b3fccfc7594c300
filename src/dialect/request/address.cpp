// The URL of a request: the base URL of an endpoint, joined with the path. Pure; any thread.
#include "dialect/request/address.hpp"

#include "dialect/request/join_path.hpp"
#include "dialect/request/paths.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein {
namespace {

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

}  // namespace

// The query of the base moves to the end. If the path of the row has a query as well, both are
// joined by `&`.
Address address_for(const Endpoint& endpoint, std::string_view path) {
    const auto [root, base, query, socket] = parts_of(endpoint.url);
    auto url = std::string{root}.append(base);
    if (!endpoint.exact_url && endpoint.api != Api::raw) url = join_path(url, path);
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

}  // namespace skein
