#include "wire/curl_fault.hpp"

namespace skein::wire {
namespace {

// A broken connection. On a reused connection without a byte of an answer, the server probably
// closed it while the request was on its way (keep-alive race).
FaultKind broken(const Progress& progress) {
    if (!progress.sent) return FaultKind::connect;
    if (progress.answering) return FaultKind::truncated;
    if (progress.reused && !progress.received) return FaultKind::keepalive_race;
    return FaultKind::connection_lost;
}

// libcurl's own timeout is the one for connecting (CURLOPT_CONNECTTIMEOUT_MS); the other timeouts
// are those of Transfer. The later phases are mapped all the same.
FaultKind timed_out(const Progress& progress) {
    if (!progress.sent) return FaultKind::timeout_connect;
    return progress.received ? FaultKind::timeout_attempt : FaultKind::timeout_first_byte;
}

// CURLE_UNSUPPORTED_PROTOCOL: after sending, an answer that is not HTTP/1.1; before, a bad URL.
FaultKind not_http(const Progress& progress) {
    return progress.sent ? FaultKind::bad_response : FaultKind::internal;
}

// libcurl reports a header line of over 100 kB as out of memory.
FaultKind out_of_memory(const Progress& progress) {
    const bool reading_head = progress.received && !progress.answering;
    return reading_head ? FaultKind::too_large : FaultKind::internal;
}

}  // namespace

// Maps every code. A code that is not listed is `internal`: no known fault of a network or a
// server.
std::optional<FaultKind> fault_of_curl(CURLcode code, const Progress& progress) {
    switch (static_cast<int>(code)) {  // Some codes have no name in older headers.
        case CURLE_OK:
            return std::nullopt;
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
            return FaultKind::connect;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_USE_SSL_FAILED:
            return FaultKind::tls_handshake;
        case 51:  // CURLE_PEER_FAILED_VERIFICATION before 7.62.
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ENGINE_INITFAILED:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CLIENTCERT:
            return FaultKind::tls_trust;
        case CURLE_OPERATION_TIMEDOUT:
            return timed_out(progress);
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_SSL_SHUTDOWN_FAILED:
            return broken(progress);
        // libcurl wanted to send the body again on a new connection: the kept one had died.
        case CURLE_SEND_FAIL_REWIND:
            return FaultKind::keepalive_race;
        case CURLE_PARTIAL_FILE:
            return FaultKind::truncated;
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_HTTP3:
        case CURLE_QUIC_CONNECT_ERROR:
            return FaultKind::protocol;
        case CURLE_UNSUPPORTED_PROTOCOL:
            return not_http(progress);
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING:
            return FaultKind::bad_response;
        case CURLE_FILESIZE_EXCEEDED:
        case 100:
            return FaultKind::too_large;  // CURLE_TOO_LARGE, since 8.6.
        case CURLE_OUT_OF_MEMORY:
            return out_of_memory(progress);
        default:
            return FaultKind::internal;
    }
}

// libcurl's message, and a hint where http and https were probably mixed up. OpenSSL reports plain
// text on a TLS port as `wrong version number`.
std::string words_of_curl(CURLcode code, std::string_view said, bool tls) {
    std::string words{said.empty() ? curl_easy_strerror(code) : said};
    const bool no_tls_there = words.find("wrong version number") != words.npos;
    if (tls && code == CURLE_SSL_CONNECT_ERROR && no_tls_there) {
        words += "; is this port spoken to by http:// and not https://?";
    } else if (!tls && code == CURLE_UNSUPPORTED_PROTOCOL) {
        words += "; is this port spoken to by https:// and not http://?";
    }
    return words;
}

}  // namespace skein::wire
