#include "wire/target.hpp"

#include "support/catch.hpp"
#include "wire/curl_global.hpp"
#include "wire/options.hpp"

using namespace skein;
using wire::make_target;

namespace {

std::string complaint(const std::string& url, std::vector<std::string> lines = {}) {
    const auto target = make_target({url}, lines);
    return target ? "" : target.error().what;
}

std::vector<std::string> lines_of(const wire::Target& target) {
    std::vector<std::string> lines;
    for (const auto* node = target.lines.get(); node; node = node->next) {
        lines.emplace_back(node->data);
    }
    return lines;
}

}  // namespace

TEST_CASE("A target has host and port, and tells if its host is a name or an address.", "[wire]") {
    struct Row {
        const char* url;
        const char* host;
        int port;
        bool numeric;
    };
    const Row rows[] = {
        {"https://api.example.com/v1/chat", "api.example.com", 443, false},
        {"http://localhost:8080/", "localhost", 8080, false},
        {"http://127.0.0.1:9/x", "127.0.0.1", 9, true},
        {"http://0x7f000001:9/x", "127.0.0.1", 9, true},
        {"http://[::1]:8080/x", "[::1]", 8080, true},
    };
    for (const auto& [url, host, port, numeric] : rows) {
        CAPTURE(url);
        const auto target = make_target({url}, {});
        REQUIRE(target.has_value());
        CHECK((*target)->host == host);
        CHECK((*target)->port == port);
        CHECK((*target)->numeric == numeric);
    }
}

TEST_CASE("A URL must be http or https and must not contain a user name.", "[wire]") {
    CHECK(complaint("file:///etc/hostname").find("http") != std::string::npos);
    CHECK_FALSE(complaint("gopher://127.0.0.1/").empty());
    CHECK_FALSE(complaint("ws://127.0.0.1/").empty());
    CHECK_FALSE(complaint("http://user:CANARY-key@127.0.0.1/").empty());
    CHECK(complaint("http://user:CANARY-key@127.0.0.1/").find("CANARY") == std::string::npos);
    CHECK_FALSE(complaint("").empty());
    CHECK_FALSE(complaint("127.0.0.1:80 80/").empty());
    CHECK_FALSE(complaint("http://127.0.0.1:0/").empty());
    CHECK_FALSE(complaint("http://127.0.0.1:70000/").empty());
}

TEST_CASE(
    "A header line with a line break is refused, and the error does not quote it.", "[wire]"
) {
    for (const std::string& line : std::vector<std::string>{
             "x-key: CANARY-key\r\nx-injected: 1",
             "x-key: CANARY-key\n",
             "x key: CANARY-key",
             "no colon",
             ": CANARY-key",
             std::string{"x-key: a\0b", 10}}) {
        const auto what = complaint("http://127.0.0.1/", {line});
        CHECK_FALSE(what.empty());
        CHECK(what.find("CANARY") == std::string::npos);
    }
    CHECK(complaint("http://127.0.0.1/", {"x-key: caf\xC3\xA9"}).empty());
}

TEST_CASE("Headers that frame the body cannot be set.", "[wire]") {
    for (const auto* line :
         {"Content-Length: 3",
          "transfer-encoding: chunked",
          "Expect: x",
          "connection: close",
          "TE: trailers"}) {
        CHECK_FALSE(complaint("http://127.0.0.1/", {line}).empty());
    }
}

TEST_CASE(
    "Headers that libcurl would add are removed; a header with an empty value is kept.", "[wire]"
) {
    const auto target =
        make_target({"http://127.0.0.1/"}, std::vector<std::string>{"x-a: 1", "X-B:"});
    REQUIRE(target.has_value());
    CHECK(lines_of(**target) == std::vector<std::string>{"x-a: 1", "x-b;", "Content-Type:"});
    const std::vector<std::string> typed{"content-type: application/json"};
    CHECK(lines_of(**make_target({"http://127.0.0.1/"}, typed)).size() == 1);
}

TEST_CASE("An unreadable certificate file is an error when the target is made.", "[wire]") {
    const auto target = make_target({"https://127.0.0.1/", "/nowhere/ca.pem"}, {});
    REQUIRE_FALSE(target.has_value());
    CHECK(target.error().what.find("/nowhere/ca.pem") != std::string::npos);
}

TEST_CASE("A libcurl that is too old or lacks a needed feature is refused.", "[wire]") {
    const wire::LibcurlFacts good{"7.88.1", 0x075801, true, true};
    CHECK_FALSE(wire::judge_libcurl(good));
    auto facts = good;
    facts.version = 0x075401;
    CHECK(wire::judge_libcurl(facts));
    facts = good;
    facts.tls = false;
    CHECK(wire::judge_libcurl(facts)->text().find("TLS") != std::string::npos);
    facts = good;
    facts.asynchronous_names = false;
    CHECK(wire::judge_libcurl(facts));
    CHECK_FALSE(wire::check_libcurl());
}

TEST_CASE("An option that libcurl refuses is named.", "[wire]") {
    const wire::EasyHandle easy{curl_easy_init()};
    wire::Options options{easy.get()};
    options.set(CURLOPT_NOSIGNAL, 1L).set(CURLOPT_BUFFERSIZE, -1L).set(CURLOPT_POST, 1L);
    options.set(CURLOPT_PROTOCOLS_STR, "nonsense");
    REQUIRE(options.refused());
    CHECK(options.refused()->find("CURLOPT_PROTOCOLS_STR") != std::string::npos);
    CHECK_FALSE(wire::set_constant_options(easy.get()));
}

TEST_CASE("With a proxy the connection goes to the proxy, and its name is looked up.", "[wire]") {
    const auto target = make_target(
        {.url = "https://llm.example.com/v1",
         .proxy = "http://proxy.example.com:3128",
         .proxy_login = Secret{"me:a:b"}},
        {}
    );
    REQUIRE(target.has_value());
    CHECK((*target)->host == "llm.example.com");
    CHECK((*target)->dialed_host == "proxy.example.com");
    CHECK((*target)->dialed_port == 3128);
    CHECK_FALSE((*target)->numeric);
    CHECK((*target)->proxy_user == "me");
    CHECK((*target)->proxy_password.reveal() == "a:b");

    const auto socks =
        make_target({.url = "https://llm.example.com", .proxy = "socks5h://127.0.0.1:1080"}, {});
    REQUIRE(socks.has_value());
    CHECK((*socks)->dialed_host == "127.0.0.1");
    CHECK((*socks)->dialed_port == 1080);
    CHECK((*socks)->numeric);

    const auto direct = make_target({"https://llm.example.com"}, {});
    REQUIRE(direct.has_value());
    CHECK((*direct)->dialed_host == "llm.example.com");
    CHECK((*direct)->dialed_port == 443);
}

TEST_CASE("An unreadable client certificate is refused with its name.", "[wire]") {
    const auto target = make_target({.url = "https://h", .client_cert = "/none.pem"}, {});
    REQUIRE(target.has_error());
    CHECK(target.error().what == "the client certificate in /none.pem cannot be read");
}
