// Destination of a request: the parts that all requests to one path of one endpoint share.
#pragma once
#include "wire/curl_handle.hpp"

#include <skein/error.hpp>
#include <skein/secret.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace skein::wire {

// Immutable; shared by transfers on any thread.
struct Target {
    std::string url;
    std::string host;  // In libcurl's spelling; an IPv6 address in brackets.
    std::uint16_t port = 0;
    bool tls = false;
    // Peer of the TCP connection: the host, or its proxy.
    std::string dialed_host;
    std::uint16_t dialed_port = 0;
    bool numeric = false;  // `dialed_host` is an IP address: no DNS lookup is needed.
    std::string proxy;     // `http://host:port`; empty: none.
    std::string proxy_user;
    Secret proxy_password;
    std::string ca_file;      // Empty: only the system's certificates are trusted.
    std::string client_cert;  // Client certificate; empty: none.
    std::string client_key;   // Its private key; empty: in the same file.
    std::string socket;       // Path of a unix socket, used instead of the host; empty: none.
    bool one_shot = false;    // One request a connection, so a broken one means a dead server.
    bool is_near = false;     // The host is this machine.
    UrlHandle parsed;
    LineList lines;  // Header lines.
};

using TargetPtr = std::shared_ptr<const Target>;

// Input of `make_target`. `lines` are complete header lines: "name: value". Errors: a URL that is
// neither http nor https, a URL with a user name, a malformed line (header injection), and a line
// that libcurl must write itself because it frames the body. An error never quotes a value, because
// it may be an API key.
struct TargetSettings {
    std::string url;
    std::string ca_file{};
    std::string socket{};  // At most 107 bytes.
    std::string client_cert{};
    std::string client_key{};
    std::string proxy{};   // http, https or socks5h, without a login.
    Secret proxy_login{};  // `user:password`
    bool one_shot = false;
};
Expected<TargetPtr, ConfigError> make_target(
    TargetSettings settings, std::span<const std::string> lines
);

// Is this exactly one header line, with a name that HTTP allows?
bool is_header_line(std::string_view line);

}  // namespace skein::wire
