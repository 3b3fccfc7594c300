// Where a request goes: all that is the same for every request to one path of one endpoint.
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

// Made once, never changed, shared by transfers on any thread.
struct Target {
    std::string url;
    std::string host;  // As libcurl spells it; an IPv6 address in brackets.
    std::uint16_t port = 0;
    bool tls = false;
    // Where the connection goes: to the host, or to its proxy.
    std::string dialed_host;
    std::uint16_t dialed_port = 0;
    bool numeric = false;  // What is dialed is an address: there is nothing to look up.
    std::string proxy;     // `http://host:port`; empty: none.
    std::string proxy_user;
    Secret proxy_password;
    std::string ca_file;      // Empty: only the system's certificates are trusted.
    std::string client_cert;  // Ours; empty: none.
    std::string client_key;   // Of it; empty: in the same file.
    std::string socket;       // Of a server on this machine: its unix socket, instead of a host.
    bool one_shot = false;    // A connection serves one request: if it breaks, the server died.
    UrlHandle parsed;
    LineList lines;  // Of the request's head.
};

using TargetPtr = std::shared_ptr<const Target>;

// `lines` are whole: "name: value". Refused are addresses that are neither http nor https or that
// hold a user name, lines that would break the head apart, and those that libcurl must write
// itself for the body to end where it ends. The complaint does not quote values: they may be keys.
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

// Is this one line of a request's head, with a name that HTTP allows?
bool is_header_line(std::string_view line);

}  // namespace skein::wire
