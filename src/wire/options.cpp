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
    {CURLOPT_NOSIGNAL, 1},  // Signals and threads do not mix.
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_POST, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},  // Any junk is a valid answer in HTTP/0.9.

    // Where our bytes may go: to the endpoint, and to nobody it points at. Of our headers libcurl
    // would take back only `Authorization` at a redirect; other keys would travel.
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_UNRESTRICTED_AUTH, 0},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},  // A proxy's answer to CONNECT is not the server's.

    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},

    // Servers close idle connections sooner than libcurl's 118 s, and a request on one that has
    // just been closed may have been seen or not. Certificates and addresses move: 300 s.
    {CURLOPT_MAXAGE_CONN, 30},
    {CURLOPT_MAXLIFETIME_CONN, 300},
    // A peer that has gone without a word is noticed after 30 s + 9 (net.ipv4.tcp_keepalive_probes)
    // * 15 s, and a NAT on the way, which forgets after a minute at the soonest, does not forget
    // us.
    {CURLOPT_TCP_KEEPALIVE, 1},
    {CURLOPT_TCP_KEEPIDLE, 30},
    {CURLOPT_TCP_KEEPINTVL, 15},
    {CURLOPT_TCP_NODELAY, 1},

    // Names come from our own resolver and stay until it says otherwise.
    {CURLOPT_DNS_CACHE_TIMEOUT, -1},

    // Held for each request in flight. Answers of models are small, or come in small pieces: up
    // to 10 kB four times as much is no faster. A little less than 3.5 kB, a size that allocators
    // have, for libcurl adds something of its own. Over TLS the request is held once more as it
    // leaves, in a buffer of which libcurl would take 64 kB.
    {CURLOPT_BUFFERSIZE, 3584 - 64},
    {CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024},
};

constexpr Text texts[] = {
    {CURLOPT_PROTOCOLS_STR, "http,https"},
    {CURLOPT_REDIR_PROTOCOLS_STR, "https"},  // None are followed; an empty list is refused.
    {CURLOPT_PROXY, ""},  // Else `http_proxy` in the environment would be sent our keys.
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
