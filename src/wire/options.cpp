#include "wire/options.hpp"

namespace skein::wire {
namespace {

struct Number {
    CURLoption option;
    long value;
};
struct Text {
    CURLoption option;
    const char* value;
};

constexpr Number numbers[] = {
    {CURLOPT_NOSIGNAL, 1},  // Signals are not safe in a program with threads.
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_POST, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},  // Any bytes are a valid answer in HTTP/0.9.

    // A request goes to its endpoint only; no redirect is followed. At a redirect libcurl removes
    // only `Authorization`, so an API key in another header would reach the new host.
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_UNRESTRICTED_AUTH, 0},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},  // A proxy's answer to CONNECT is not the server's.

    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},

    // Idle connections: 30 s, because servers close them sooner than libcurl's 118 s, and a request
    // on a connection that was just closed may or may not have been executed. Lifetime: 300 s,
    // because certificates and addresses change.
    {CURLOPT_MAXAGE_CONN, 30},
    {CURLOPT_MAXLIFETIME_CONN, 300},
    // A peer that vanished silently is detected after 30 s + 9 (net.ipv4.tcp_keepalive_probes) *
    // 15 s. The probes also keep the entry of a NAT alive, which expires after a minute or more.
    {CURLOPT_TCP_KEEPALIVE, 1},
    {CURLOPT_TCP_KEEPIDLE, 30},
    {CURLOPT_TCP_KEEPINTVL, 15},
    {CURLOPT_TCP_NODELAY, 1},

    // Names come from our own resolver: libcurl's DNS cache must not expire them.
    {CURLOPT_DNS_CACHE_TIMEOUT, -1},

    // Buffers, one set for each request in flight. Answers of models are small or come in small
    // pieces: for answers up to 10 kB, four times the buffer is no faster. The size is 64 bytes
    // less than 3.5 kB, a size class of allocators, because libcurl adds a header. The upload
    // buffer is used over TLS; libcurl's default is 64 kB.
    {CURLOPT_BUFFERSIZE, 3584 - 64},
    {CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024},
};

constexpr Text texts[] = {
    {CURLOPT_PROTOCOLS_STR, "http,https"},
    {CURLOPT_REDIR_PROTOCOLS_STR, "https"},  // Unused, but libcurl refuses an empty list.
    {CURLOPT_PROXY, ""},  // Else a proxy named by `http_proxy` would receive the API keys.
    {CURLOPT_NOPROXY,
     ""},  // Else `no_proxy` in the environment would be obeyed; config/proxy does.
};

}  // namespace

void Options::note(CURLoption option, CURLcode code) {
    if (code == CURLE_OK || refused_) return;
    const auto* known = curl_easy_option_by_id(option);
    refused_ = std::string{"CURLOPT_"} + (known ? known->name : std::to_string(option)) + ": " +
               curl_easy_strerror(code);
}

std::optional<std::string> set_constant_options(CURL* easy) {
    Options options{easy};
    for (const auto& [option, value] : numbers) options.set(option, value);
    for (const auto& [option, value] : texts) options.set(option, value);
    return options.refused();
}

}  // namespace skein::wire
