#include "settings/header_rules.hpp"

#include "support/catch.hpp"

using namespace skein::config;
using Catch::Matchers::Contains;

TEST_CASE("A header name must be a token of RFC 9110.", "[config]") {
    for (const auto* name : {"x-project", "OpenAI-Organization", "a", "x!#$%&'*+-.^_`|~9"}) {
        CAPTURE(name);
        CHECK_FALSE(check_header_name(name));
    }
    for (const std::string& name :
         {std::string{},
          std::string{"x y"},
          std::string{"x:"},
          std::string{"x\r\nEvil"},
          std::string{"x\n"},
          std::string("x\0y", 3),
          std::string{"x\ty"},
          std::string{"(x)"},
          std::string{"x\x7F"},
          std::string{"caf\xC3\xA9"}}) {
        CAPTURE(name);
        CHECK(check_header_name(name));
    }
}

TEST_CASE("A header that skein sets itself is refused.", "[config]") {
    for (const auto* name :
         {"authorization",
          "Authorization",
          "HOST",
          "Content-Length",
          "content-type",
          "Transfer-Encoding",
          "Expect",
          "connection",
          "Accept-Encoding"}) {
        CAPTURE(name);
        CHECK(check_header_name(name));
    }
    CHECK_THAT(*check_header_name("Authorization"), Contains("api_key"));
    CHECK_FALSE(check_header_name("x-authorization"));
}

TEST_CASE("A header value that could break a header line is refused.", "[config]") {
    CHECK_FALSE(check_header_value(""));
    CHECK_FALSE(check_header_value("Bearer abc, def; q=\"1\"\tx"));
    CHECK_FALSE(check_header_value("sch\xC3\xB6n"));
    for (const std::string& value :
         {std::string{"a\r\nEvil: 1"},
          std::string{"a\nb"},
          std::string{"a\rb"},
          std::string("a\0b", 3),
          std::string{"a\x1B[2J"},
          std::string{"a\x7F"},
          std::string{" a"},
          std::string{"a "},
          std::string{"\ta"}}) {
        CAPTURE(value);
        CHECK(check_header_value(value));
    }
}

TEST_CASE("The message about a header value does not contain the value.", "[config]") {
    CHECK_THAT(*check_header_value("CANARY\nkey"), !Contains("CANARY"));
}

TEST_CASE("Header names are compared without case.", "[config]") {
    CHECK(same_header("X-Project", "x-pROJECT"));
    CHECK_FALSE(same_header("X-Project", "X-Projects"));
}
