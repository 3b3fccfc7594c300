#include "wire/curl_fault.hpp"

#include "support/catch.hpp"

using namespace skein;
using wire::fault_of_curl;
using wire::Progress;
using wire::words_of_curl;

namespace {

constexpr Progress not_sent{};
constexpr Progress sent{.sent = true};
constexpr Progress sent_again{.sent = true, .reused = true};
constexpr Progress in_head{.sent = true, .received = true};
constexpr Progress in_reused_head{.sent = true, .reused = true, .received = true};
constexpr Progress in_body{.sent = true, .received = true, .answering = true};

struct Row {
    int code;
    Progress progress;
    FaultKind kind;
};

}  // namespace

TEST_CASE("Each result code of libcurl becomes the expected fault.", "[wire]") {
    using K = FaultKind;
    const Row rows[] = {
        {5, not_sent, K::connect},
        {6, not_sent, K::connect},
        {7, not_sent, K::connect},
        {97, not_sent, K::connect},
        {35, not_sent, K::tls_handshake},
        {59, not_sent, K::tls_handshake},
        {60, not_sent, K::tls_trust},
        {51, not_sent, K::tls_trust},
        {77, not_sent, K::tls_trust},
        {58, not_sent, K::tls_trust},
        {66, not_sent, K::tls_trust},
        {83, not_sent, K::tls_trust},
        {90, not_sent, K::tls_trust},
        {91, not_sent, K::tls_trust},
        {98, not_sent, K::tls_trust},
        {28, not_sent, K::timeout_connect},
        {28, sent, K::timeout_first_byte},
        {28, in_body, K::timeout_attempt},
        {52, sent, K::connection_lost},
        {55, sent, K::connection_lost},
        {56, sent, K::connection_lost},
        {56, in_head, K::connection_lost},
        {56, in_reused_head, K::connection_lost},
        {56, in_body, K::truncated},
        {52, sent_again, K::keepalive_race},
        {55, sent_again, K::keepalive_race},
        {56, sent_again, K::keepalive_race},
        {55, not_sent, K::connect},
        {56, not_sent, K::connect},
        {65, sent_again, K::keepalive_race},
        {18, in_body, K::truncated},
        {16, sent, K::protocol},
        {92, sent, K::protocol},
        {61, in_body, K::bad_response},
        {8, in_head, K::bad_response},
        {1, sent, K::bad_response},
        {1, not_sent, K::internal},
        {63, in_body, K::too_large},
        {100, in_head, K::too_large},
        {27, in_head, K::too_large},
        {27, not_sent, K::internal},
        {27, in_body, K::internal},
        {3, not_sent, K::internal},
        {43, not_sent, K::internal},
        {48, not_sent, K::internal},
    };
    for (const auto& [code, progress, kind] : rows) {
        CAPTURE(code, progress.sent, progress.reused, progress.received, progress.answering);
        CHECK(fault_of_curl(static_cast<CURLcode>(code), progress) == kind);
    }
}

TEST_CASE("A fault tells if one side speaks TLS and the other does not.", "[wire]") {
    const std::string old = "error:0A00010B:SSL routines::wrong version number";
    CHECK(words_of_curl(CURLE_SSL_CONNECT_ERROR, old, true).find("http://") != old.npos);
    const std::string junk = "Received HTTP/0.9 when not allowed";
    CHECK(words_of_curl(CURLE_UNSUPPORTED_PROTOCOL, junk, false).find("https://") != junk.npos);

    CHECK(words_of_curl(CURLE_SSL_CONNECT_ERROR, "no cipher", true) == "no cipher");
    CHECK(words_of_curl(CURLE_RECV_ERROR, "reset", false) == "reset");
    CHECK_FALSE(words_of_curl(CURLE_RECV_ERROR, "", false).empty());
}

TEST_CASE("Every code of libcurl is a fault, including codes of future versions.", "[wire]") {
    CHECK_FALSE(fault_of_curl(CURLE_OK, sent));
    for (int code = 1; code < 200; ++code) {
        CHECK(fault_of_curl(static_cast<CURLcode>(code), in_body));
    }
}
