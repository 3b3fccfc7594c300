#include "job/journal/retry.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace skein::job;

namespace {

const std::string cut_off =
    R"({"response":{"body":{"choices":[{"finish_reason":"stop"},{"finish_reason":"length"}]}},"error":null})";
const std::string failed =
    R"({"response":null,"error":{"code":"server_error","message":"length"}})";

bool fits(std::vector<std::string> texts, bool ok, const std::string& out) {
    const auto conditions = retry_conditions(texts);
    REQUIRE(conditions.has_value());
    return job::fits(*conditions, ok, out);
}

std::string refused(const std::string& text) {
    const auto conditions = retry_conditions(std::vector{text});
    REQUIRE(!conditions);
    CHECK(conditions.error().kind == RunError::Kind::config);
    return conditions.error().what;
}

}  // namespace

TEST_CASE(
    "A row is asked again if the finish reason of a choice or its fault code matches.", "[job]"
) {
    CHECK(fits({"finish_reason=length"}, true, cut_off));
    CHECK(fits({"finish_reason=content_filter,length"}, true, cut_off));
    CHECK(!fits({"finish_reason=content_filter"}, true, cut_off));
    CHECK(!fits({"code=server_error"}, true, cut_off));
    CHECK(fits({"code=throttled,server_error"}, false, failed));
    CHECK(!fits({"code=throttled"}, false, failed));
    CHECK(!fits({"finish_reason=length"}, false, failed));
}

TEST_CASE("A row that matches one of several conditions is asked again.", "[job]") {
    for (const auto& texts : std::vector<std::vector<std::string>>{
             {"finish_reason=length", "code=server_error"},
             {"code=server_error, finish_reason = length"}}) {
        CHECK(fits(texts, true, cut_off));
        CHECK(fits(texts, false, failed));
    }
    CHECK(!fits({}, true, cut_off));
}

TEST_CASE("A line that cannot be parsed matches no condition.", "[job]") {
    for (const std::string odd :
         {"",
          "{",
          "[]",
          R"({"response":null,"error":null})",
          R"({"response":{"body":"x"},"error":"y"})",
          R"({"response":{"body":{"choices":{"finish_reason":"length"}}}})"}) {
        CHECK(!fits({"finish_reason=length", "code=server_error"}, true, odd));
        CHECK(!fits({"finish_reason=length", "code=server_error"}, false, odd));
    }
}

TEST_CASE("An invalid condition is refused with a list of the valid ones.", "[job]") {
    CHECK(refused("length").find("write finish_reason=length") != std::string::npos);
    CHECK(refused("").find("write finish_reason=length") != std::string::npos);
    CHECK(refused("size=3").find("`size` cannot be asked for") != std::string::npos);
    CHECK(refused("code=").find("a value is missing") != std::string::npos);
    CHECK(refused("code=server_eror").find("server_error") != std::string::npos);
}
