// Builds a Target: parses the URL and the proxy, checks header lines against injection, and checks
// that the certificate files can be read. It is built once for each path of an endpoint, so that a
// request needs none of these checks. Any thread.
#include "wire/target.hpp"

#include "settings/url.hpp"
#include "wire/curl_global.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fstream>
#include <sys/un.h>
#include <utility>

namespace skein::wire {
namespace {

// Headers that frame the body or manage the connection; only libcurl may write them.
constexpr std::array<std::string_view, 8> libcurls_own{
    "connection",
    "content-length",
    "expect",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "keep-alive"};

// A character of a header name (`token` of RFC 9110).
bool is_token(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != marks.npos;
}

// No control character but the tab: a line end would begin another header (header injection).
bool is_value(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

ConfigError complaint(std::string what) { return {"", std::move(what)}; }

bool add(LineList& list, const char* line) {
    // The list keeps its head, so the old owner must let go before the new one takes it.
    auto* longer = curl_slist_append(list.get(), line);
    if (!longer) return false;
    std::ignore = list.release();
    list.reset(longer);
    return true;
}

// One part of a parsed URL; empty if it is missing. The caller knows which parts must exist.
std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    return std::string{CurlText{text}.get()};
}

// An IP address needs no lookup. libcurl writes IPv6 hosts in brackets.
bool is_address(const std::string& host) {
    if (host.starts_with('[')) return true;
    in_addr ignored{};
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

std::uint16_t port_of(CURLU* url) {
    const auto text = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

// Parses the URL once. The parsed form is shared with every easy handle (CURLOPT_CURLU), so that
// libcurl does not parse it for each request.
std::optional<ConfigError> read_url(Target& target) {
    target.parsed.reset(curl_url());
    auto* url = target.parsed.get();
    const auto code = curl_url_set(url, CURLUPART_URL, target.url.c_str(), CURLU_DISALLOW_USER);
    if (code == CURLUE_USER_NOT_ALLOWED) return complaint("the URL must not hold a user name");
    if (code != CURLUE_OK) {
        return complaint(std::string{"this is not a URL: "} + curl_url_strerror(code));
    }
    const auto scheme = part_of(url, CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") {
        return complaint("the URL must begin with http:// or https://, not " + scheme + "://");
    }
    target.tls = scheme == "https";
    target.host = part_of(url, CURLUPART_HOST);
    // Internationalised names need Punycode, because the resolver does not convert them.
    if (std::any_of(target.host.begin(), target.host.end(), [](char c) { return c < 0; })) {
        return complaint("the host must be written in ASCII (`xn--`)");
    }
    target.port = port_of(url);
    if (target.port == 0) return complaint("the port must be from 1 to 65535");
    return std::nullopt;
}

// With a proxy, the connection goes to the proxy, and the proxy's name is looked up.
std::optional<ConfigError> read_proxy(Target& target, const Secret& login) {
    target.dialed_host = target.host;
    target.dialed_port = target.port;
    if (!target.proxy.empty()) {
        const UrlHandle url{curl_url()};
        const auto code =
            curl_url_set(url.get(), CURLUPART_URL, target.proxy.c_str(), CURLU_NON_SUPPORT_SCHEME);
        target.dialed_host = part_of(url.get(), CURLUPART_HOST);
        target.dialed_port = port_of(url.get());
        if (code != CURLUE_OK || target.dialed_port == 0) return complaint("this is no proxy");
        const auto words = login.reveal();
        const auto colon = std::min(words.find(':'), words.size());
        target.proxy_user = words.substr(0, colon);
        target.proxy_password =
            Secret{std::string{words.substr(std::min(colon + 1, words.size()))}};
    }
    target.numeric = is_address(target.dialed_host);
    return std::nullopt;
}

// Reports a missing certificate file when the target is made. libcurl would report it only when it
// connects.
std::optional<ConfigError> check_readable(const std::string& file, const char* what) {
    if (file.empty() || std::ifstream{file}) return std::nullopt;
    return complaint(std::string{what} + " in " + file + " cannot be read");
}

// Adds the header lines to the list that all requests to this target share. A message names the
// header but never its value, which may be a key.
std::optional<ConfigError> read_lines(Target& target, std::span<const std::string> lines) {
    bool type_given = false;
    for (const auto& line : lines) {
        const auto name = lower(std::string_view{line}.substr(0, line.find(':')));
        if (!is_header_line(line)) return complaint("a header line is malformed");
        if (std::ranges::find(libcurls_own, name) != libcurls_own.end()) {
            return complaint("the header `" + name + "` cannot be set");
        }
        type_given = type_given || name == "content-type";
        // For libcurl `name:` removes a header, and `name;` sends a header without a value.
        const bool empty = line.find_first_not_of(" \t", name.size() + 1) == line.npos;
        if (!add(target.lines, empty ? (name + ";").c_str() : line.c_str())) {
            return complaint("out of memory");
        }
    }
    // Without this line libcurl would send `application/x-www-form-urlencoded`.
    if (!type_given) add(target.lines, "Content-Type:");
    return std::nullopt;
}

}  // namespace

bool is_header_line(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return false;
    return std::ranges::all_of(line.substr(0, colon), is_token) &&
           std::ranges::all_of(line.substr(colon + 1), is_value);
}

Expected<TargetPtr, ConfigError> make_target(
    TargetSettings settings, std::span<const std::string> lines
) {
    start_libcurl();
    auto target = std::make_shared<Target>();
    target->url = std::move(settings.url);
    target->ca_file = std::move(settings.ca_file);
    target->socket = std::move(settings.socket);
    target->client_cert = std::move(settings.client_cert);
    target->client_key = std::move(settings.client_key);
    target->proxy = std::move(settings.proxy);
    target->one_shot = settings.one_shot;
    if (auto wrong = read_url(*target)) return std::move(*wrong);
    target->is_near = config::is_this_machine(target->host);
    if (auto wrong = read_proxy(*target, settings.proxy_login)) return std::move(*wrong);
    // The kernel's limit for the path of a unix socket: 107 bytes and a terminating null.
    if (target->socket.size() >= sizeof sockaddr_un{}.sun_path) {
        return complaint("the path of the socket is too long: " + target->socket);
    }
    if (auto wrong = read_lines(*target, lines)) return std::move(*wrong);
    const std::pair<const std::string&, const char*> files[] = {
        {target->ca_file, "the certificates"},
        {target->client_cert, "the client certificate"},
        {target->client_key, "the key of the client certificate"}};
    for (const auto& [file, what] : files) {
        if (auto wrong = check_readable(file, what)) return std::move(*wrong);
    }
    return TargetPtr{std::move(target)};
}

}  // namespace skein::wire
