#include "settings/proxy.hpp"

#include "support/catch.hpp"

#include <map>
#include <string>

using namespace skein;
using namespace skein::config;
using Catch::Matchers::Contains;

namespace {

std::map<std::string, std::string, std::less<>> environment;

const char* variable(const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
}

Endpoint asked(std::string url, std::string proxy = "environment") {
    return {.url = std::move(url), .proxy = std::move(proxy)};
}

std::string named_by(const std::string& url) { return proxy_variable_for(url, variable); }

}  // namespace

TEST_CASE("Proxy variables of the environment are ignored without the setting.", "[proxy]") {
    environment = {{"HTTPS_PROXY", "http://proxy:3128"}};
    CHECK(proxy_for(asked("https://llm.example.com/v1", ""), variable)->url.empty());
    CHECK(proxy_for(asked("https://llm.example.com/v1"), variable)->url == "http://proxy:3128");
    CHECK(proxy_for(asked("https://llm.example.com/v1"), variable)->from == "HTTPS_PROXY");
}

TEST_CASE(
    "A lower-case proxy variable wins over upper case, and ALL_PROXY comes last.", "[proxy]"
) {
    const std::string url = "https://llm.example.com/v1", plain = "http://llm.example.com/v1";
    environment = {{"ALL_PROXY", "a:1"}};
    CHECK(named_by(url) == "ALL_PROXY");
    CHECK(named_by(plain) == "ALL_PROXY");
    environment["HTTPS_PROXY"] = "b:1";
    environment["HTTP_PROXY"] = "c:1";
    CHECK(named_by(url) == "HTTPS_PROXY");
    CHECK(named_by(plain) == "HTTP_PROXY");
    environment["https_proxy"] = "d:1";
    environment["http_proxy"] = "e:1";
    CHECK(named_by(url) == "https_proxy");
    CHECK(named_by(plain) == "http_proxy");
    environment["https_proxy"] = "";
    CHECK(named_by(url) == "HTTPS_PROXY");
}

TEST_CASE("HTTP_PROXY is ignored in a CGI program.", "[proxy]") {
    environment = {{"HTTP_PROXY", "evil:1"}, {"REQUEST_METHOD", "POST"}};
    CHECK(named_by("http://llm.example.com/v1").empty());
}

TEST_CASE("Requests to this machine, a unix socket or a mock server use no proxy.", "[proxy]") {
    environment = {{"ALL_PROXY", "http://proxy:3128"}};
    for (const auto* url :
         {"http://localhost:8080/v1",
          "http://127.0.0.1/v1",
          "https://[::1]/v1",
          "http://0.0.0.0:8000",
          "unix:/run/llm.sock",
          "mock:"}) {
        CAPTURE(url);
        CHECK(named_by(url).empty());
        CHECK(proxy_for(asked(url), variable)->url.empty());
        CHECK(proxy_for(asked(url, "http://proxy:3128"), variable)->url.empty());
    }
}

TEST_CASE("NO_PROXY matches domains with subdomains, addresses, networks and ports.", "[proxy]") {
    const auto is_in = [](const char* list, const char* host) {
        return is_excepted(list, host, "443");
    };
    CHECK(is_in("*", "llm.example.com"));
    CHECK(is_in("example.com", "example.com"));
    CHECK(is_in("example.com", "llm.example.com"));
    CHECK(is_in(".example.com", "llm.EXAMPLE.com"));
    CHECK(is_in("example.com", "llm.example.com."));
    CHECK(is_in("a.test, example.com", "llm.example.com"));
    CHECK(is_in("a.test example.com", "llm.example.com"));
    CHECK(is_in("example.com:443", "llm.example.com"));
    CHECK(is_in("10.0.0.1", "10.0.0.1"));
    CHECK(is_in("10.0.0.0/8", "10.200.3.4"));
    CHECK(is_in("172.16.0.0/12", "172.31.0.1"));
    CHECK(is_in("2001:db8::/32", "[2001:db8::7]"));
    CHECK(is_in("[2001:db8::7]:443", "[2001:db8::7]"));
    CHECK(is_in("2001:db8::7", "[2001:db8::7]"));

    CHECK_FALSE(is_in("", "llm.example.com"));
    CHECK_FALSE(is_in("ample.com", "llm.example.com"));
    CHECK_FALSE(is_in("llm.example.com", "example.com"));
    CHECK_FALSE(is_in("example.com:8443", "llm.example.com"));
    CHECK_FALSE(is_in("10.0.0.0/8", "11.0.0.1"));
    CHECK_FALSE(is_in("172.16.0.0/12", "172.32.0.1"));
    CHECK_FALSE(is_in("10.0.0.0/64", "10.0.0.1"));
    CHECK_FALSE(is_in("10.0.0.0/8", "llm.example.com"));
    CHECK_FALSE(is_in(".", "llm.example.com"));
    CHECK_FALSE(is_in(",, ,", "llm.example.com"));
    environment = {{"HTTPS_PROXY", "http://proxy:3128"}, {"NO_PROXY", "example.com"}};
    CHECK(named_by("https://llm.example.com/v1").empty());
    CHECK(named_by("https://llm.example.org/v1") == "HTTPS_PROXY");
}

TEST_CASE("The login of a proxy is split off its URL and percent-decoded.", "[proxy]") {
    environment = {{"HTTPS_PROXY", "http://me:p%40ss%3a@proxy:3128/"}};
    const auto proxy = proxy_for(asked("https://llm.example.com"), variable);
    REQUIRE(proxy.has_value());
    CHECK(proxy->url == "http://proxy:3128");
    CHECK(proxy->login.reveal() == "me:p@ss:");
    CHECK(split_login("http://proxy:3128").login.empty());
    CHECK(split_login("http://a@b@proxy:1").url == "http://proxy:1");
    CHECK(split_login("http://50%@proxy:1").login.reveal() == "50%");
}

TEST_CASE("A proxy of the environment may lack a scheme, and resolves the names.", "[proxy]") {
    environment = {{"HTTPS_PROXY", "proxy:3128"}};
    CHECK(proxy_for(asked("https://llm.example.com"), variable)->url == "http://proxy:3128");
    environment = {{"HTTPS_PROXY", "socks5://proxy:1080"}};
    CHECK(proxy_for(asked("https://llm.example.com"), variable)->url == "socks5h://proxy:1080");
}

TEST_CASE("The message about an invalid proxy names the variable, and not its value.", "[proxy]") {
    for (const auto* value : {"http://me:CANARY@proxy", "ftp://CANARY:1", "http://CANARY/x:1"}) {
        environment = {{"HTTPS_PROXY", value}};
        const auto proxy = proxy_for(asked("https://llm.example.com"), variable);
        REQUIRE(proxy.has_error());
        CHECK_THAT(proxy.error().what, Contains("HTTPS_PROXY") && !Contains("CANARY"));
    }
}

TEST_CASE("A proxy URL has one of three schemes and a port.", "[proxy]") {
    for (const auto* url :
         {"http://proxy:3128", "https://proxy:443", "socks5h://127.0.0.1:1080", "http://[::1]:1"}) {
        CAPTURE(url);
        CHECK_FALSE(check_proxy(url));
    }
    for (const auto* url :
         {"",
          "proxy:3128",
          "socks5://proxy:1080",
          "socks4://proxy:1080",
          "http://proxy",
          "http://[::1]",
          "http://proxy:0",
          "http://proxy:x",
          "http://proxy:1/path",
          "http://:1",
          "http://a b:1"}) {
        CAPTURE(url);
        CHECK(check_proxy(url));
    }
}
