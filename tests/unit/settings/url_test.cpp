#include "settings/url.hpp"

#include "support/catch.hpp"

using namespace skein::config;
using Catch::Matchers::Contains;

TEST_CASE("An https URL may name any host.", "[config]") {
    for (const auto* url :
         {"https://llm.example.com",
          "https://llm.example.com/v1",
          "https://llm.example.com:8443/v1",
          "https://127.0.0.1",
          "https://10.0.0.1:1/",
          "https://[2001:db8::1]:65535/v1",
          "https://a-b.c_d.example/x%20y/~z",
          "https://host.example./v1"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, {}));
    }
}

TEST_CASE("An http URL may name this machine, and other hosts only if allowed.", "[config]") {
    for (const auto* url :
         {"http://localhost:8080/v1",
          "http://127.0.0.1",
          "http://127.200.3.4:9",
          "http://[::1]:8080",
          "http://0.0.0.0:8000",
          "http://[::]:8000/v1",
          "http://[0:0:0:0:0:0:0:1]/v1"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, {}));
    }
    for (const auto* url :
         {"http://llm.example.com/v1",
          "http://10.0.0.1",
          "http://0.0.0.1",
          "http://128.0.0.1",
          "http://localhost.example.com",
          "http://127.0.0.1.example.com",
          "http://[::2]",
          "http://[::ffff:127.0.0.1]",
          "http://169.254.169.254/latest"}) {
        CAPTURE(url);
        const auto refused = check_url(url, {});
        REQUIRE(refused);
        CHECK_THAT(*refused, Contains("allow_plaintext: true"));
        CHECK_FALSE(check_url(url, {.allow_plaintext = true}));
    }
}

TEST_CASE("A base URL that ends in a path of the API is refused with the right one.", "[config]") {
    const auto refused = [](const std::string& url) { return check_url(url, {}).value_or("fine"); };
    for (const std::string end :
         {"/chat/completions", "/completions", "/embeddings", "/messages", "/responses"}) {
        CAPTURE(end);
        CHECK_THAT(
            refused("http://127.0.0.1:8080/v1" + end),
            Contains("write http://127.0.0.1:8080/v1 without " + end)
        );
        CHECK(refused("https://llm.example.com/v1" + end + "/") != "fine");
    }
    CHECK_THAT(
        refused("https://llm.example.com/chat/completions"),
        Contains("write https://llm.example.com without /chat/completions")
    );
    for (const auto* url :
         {"https://llm.example.com/completions/v1",
          "https://completions.example.com",
          "https://llm.example.com/gateway/messages",
          "https://llm.example.com/my-embeddings"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, {}));
    }
}

TEST_CASE("A URL with another scheme is refused.", "[config]") {
    for (const auto* url :
         {"",
          "llm.example.com",
          "file:///etc/passwd",
          "ftp://host/",
          "HTTPS://host",
          "ws://host",
          "gopher://host",
          "https:/host",
          "https:host",
          "//host",
          "javascript:alert(1)"}) {
        CAPTURE(url);
        CHECK_THAT(
            check_url(url, {.allow_plaintext = true}).value_or(""), Contains("begins with https://")
        );
    }
}

TEST_CASE("A URL with a password is refused, and the password is not shown.", "[config]") {
    for (const auto* url :
         {"https://user:CANARY@host/v1", "http://CANARY@127.0.0.1", "https://@host"}) {
        const auto refused = check_url(url, {.allow_plaintext = true});
        REQUIRE(refused);
        CHECK_THAT(*refused, Contains("no user and no password") && !Contains("CANARY"));
    }
}

TEST_CASE("A port in a URL is from 1 to 65535.", "[config]") {
    CHECK_FALSE(check_url("https://host:1", {}));
    CHECK_FALSE(check_url("https://host:65535/", {}));
    for (const auto* url :
         {"https://host:0",
          "https://host:65536",
          "https://host:99999",
          "https://host:",
          "https://host:/",
          "https://host:080",
          "https://host:-1",
          "https://host:80:80",
          "https://host:x",
          "https://[::1]:0",
          "https://host:18446744073709551617"}) {
        CAPTURE(url);
        CHECK_THAT(
            check_url(url, {.allow_plaintext = true}).value_or(""), Contains("from 1 to 65535")
        );
    }
}

TEST_CASE("A URL with spaces, control characters or non-ASCII letters is refused.", "[config]") {
    for (const std::string& url :
         {std::string{"https://host/a b"},
          std::string{"https://host\r\nX: 1"},
          std::string{"https://host/\n"},
          std::string("https://host\0.evil", 18),
          std::string{"https://host/\x7F"},
          std::string{" https://host"},
          std::string{"https://host\t"}}) {
        CAPTURE(url);
        CHECK_THAT(
            check_url(url, {.allow_plaintext = true}).value_or(""),
            Contains("no control characters")
        );
    }
    CHECK_THAT(check_url("https://m\xC3\xBCller.example", {}).value_or(""), Contains("xn--"));
    for (const auto* url :
         {"https://host/{{x}}", "https://host\\evil", "https://host/<x>", "https://host/\""}) {
        CAPTURE(url);
        CHECK_THAT(check_url(url, {.allow_plaintext = true}).value_or(""), Contains("holds no"));
    }
}

TEST_CASE("A URL can have a query, but no fragment and no broken escape.", "[config]") {
    for (const auto* url :
         {"https://host/openai/deployments/a?api-version=2024-10-21",
          "https://host?key=1",
          "https://host?",
          "https://host/v1?a=/chat/completions"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, {}));
    }
    for (const auto* url : {"https://host#x", "https://host/#", "https://host/v1?a=1#x"}) {
        CAPTURE(url);
        CHECK_THAT(check_url(url, {}).value_or(""), Contains("no fragment"));
    }
    CHECK_THAT(check_url("https://host/v1?a=%2", {}).value_or(""), Contains("hexadecimal"));
    for (const auto* url : {"https://host/%", "https://host/%2", "https://host/%zz"}) {
        CAPTURE(url);
        CHECK_THAT(check_url(url, {.allow_plaintext = true}).value_or(""), Contains("hexadecimal"));
    }
}

TEST_CASE("A host in a URL is a name or an address in its standard form.", "[config]") {
    for (const auto* url : {"https://",
                            "https:///v1",
                            "https://:80",
                            "https://.host",
                            "https://a..b",
                            "https://ho%73t",
                            "https://ho,st",
                            "https://[",
                            "https://[]",
                            "https://[::1",
                            "https://[::1]x",
                            "https://[host]",
                            "https://[1::2::3]",
                            "https://::1",
                            "https://2130706433",
                            "https://0x7f.1",
                            "https://127.1",
                            "https://0177.0.0.1",
                            "https://127.0.0.256",
                            "https://1.2.3.4.5",
                            "https://127.0.0.01",
                            "https://host.123",
                            "https://127.0.0.1.",
                            "https://0x7f000001"}) {
        CAPTURE(url);
        CHECK(check_url(url, {.allow_plaintext = true}));
    }
    CHECK_THAT(
        check_url("http://[::1%25eth0]:80", {.allow_plaintext = true}).value_or(""),
        Contains("zone id")
    );
    CHECK_THAT(
        check_url("http://[::1]%25eth0", {.allow_plaintext = true}).value_or(""),
        Contains("zone id")
    );
    CHECK(check_url("https://" + std::string(254, 'a'), {.allow_plaintext = true}));
}

TEST_CASE("A mock server's URL is mock: with an optional file name.", "[config]") {
    CHECK_FALSE(check_url("mock:", {}));
    CHECK_FALSE(check_url("mock:weather/some storm.yaml", {}));
    CHECK(check_url("mock:a\nb", {}));
    CHECK(check_url("mocks:", {}));
}

TEST_CASE("Loopback is recognized by its text, without DNS.", "[config]") {
    CHECK(is_this_machine("localhost"));
    CHECK(is_this_machine("127.255.255.255"));
    CHECK(is_this_machine("[::1]"));
    CHECK(is_this_machine("0.0.0.0"));
    CHECK(is_this_machine("[::]"));
    CHECK_FALSE(is_this_machine("0.0.0.1"));
    CHECK_FALSE(is_this_machine("10.0.0.0"));
    CHECK_FALSE(is_this_machine(""));
    CHECK_FALSE(is_this_machine("["));
    CHECK_FALSE(is_this_machine("::1"));
    CHECK_FALSE(is_this_machine("126.0.0.1"));
    CHECK_FALSE(is_this_machine("localhost.localdomain"));
}

TEST_CASE("A base URL with a path of the API before its query is refused without it.", "[config]") {
    const auto refused = check_url(
        "https://host/openai/deployments/a/chat/completions?api-version=1&key=CANARY", {}
    );
    REQUIRE(refused);
    CHECK_THAT(
        *refused,
        Contains("write https://host/openai/deployments/a without /chat/completions") &&
            Contains("or url in place of base_url") && !Contains("CANARY")
    );
}

TEST_CASE("An exact URL may have any path that does not end in a version of the API.", "[config]") {
    const UrlRules exact{.kind = UrlKind::exact};
    for (const auto* url :
         {"https://host/v1/chat/completions",
          "https://host/chat/completions?api-version=2024-10-21",
          "https://host",
          "https://host/generate/",
          "https://host/vision",
          "unix:/run/llm.sock:/generate"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, exact));
    }
    for (const auto* url : {"https://host/v1", "https://host/v1/", "unix:/run/llm.sock:/v4"}) {
        CAPTURE(url);
        CHECK_THAT(check_url(url, exact).value_or(""), Contains("write it as base_url"));
    }
    CHECK_THAT(check_url("mock:", exact).value_or(""), Contains("base_url"));
    CHECK(check_url("http://llm.example.com/x", exact));
}

TEST_CASE(
    "A unix socket is a path of at most 107 bytes, with a path of the API behind it.", "[config]"
) {
    for (const std::string url :
         {"unix:/run/llm.sock",
          "unix:/run/llm.sock:/v1",
          "unix:/run/a b.sock",
          "unix:///run/x:/v1?a=1"}) {
        CAPTURE(url);
        CHECK_FALSE(check_url(url, {}));
    }
    CHECK_FALSE(check_url("unix:/" + std::string(106, 'a'), {}));
    CHECK_THAT(check_url("unix:/" + std::string(107, 'a'), {}).value_or(""), Contains("107 bytes"));
    CHECK_THAT(check_url("unix:", {}).value_or(""), Contains("unix:/run/llm.sock:/v1"));
    CHECK_THAT(check_url("unix:/a\nb", {}).value_or(""), Contains("control"));
    CHECK_THAT(check_url("unix:/a:/v1 x", {}).value_or(""), Contains("no spaces"));
    CHECK_THAT(
        check_url("unix:/a.sock:/v1/chat/completions", {}).value_or(""),
        Contains("write unix:/a.sock:/v1 without /chat/completions")
    );
}
