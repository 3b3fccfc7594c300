#include "config/request_slips.hpp"

#include "config/yaml_text.hpp"
#include "support/catch.hpp"

using namespace skein::config;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::vector<std::string> warnings_of(const std::string& request) {
    const auto tree = read_yaml("request: " + request, "job.yaml");
    REQUIRE(tree.has_value());
    std::vector<std::string> warnings;
    warn_of_slips(*tree->find("request"), warnings);
    return warnings;
}

}  // namespace

TEST_CASE("A misspelt member of a request is warned of with the one that was meant.", "[config]") {
    const auto warnings =
        warnings_of("{temprature: 0, max_token: 5, messages: [{roel: user, contnet: x}]}");
    REQUIRE(warnings.size() == 4);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:11: 'temprature'"));
    CHECK_THAT(warnings[0], Contains("did you mean 'temperature'?"));
    CHECK_THAT(warnings[1], Contains("did you mean 'max_tokens'?"));
    CHECK_THAT(warnings[2], Contains("did you mean 'role'?"));
    CHECK_THAT(warnings[3], Contains("did you mean 'content'?"));
}

TEST_CASE("An argument of a client is no member of a request.", "[config]") {
    const auto warnings = warnings_of("{prompt: x, extra_body: {top_k: 1}}");
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:22: 'extra_body'"));
    CHECK_THAT(warnings[0], Contains("write its members here"));
}

TEST_CASE(
    "Members that servers have, and those near to nothing, pass without a word.", "[config]"
) {
    CHECK(warnings_of("{top_a: 1, top_k: 2, min_p: 0, x: 1, my_gateway_option: 2, n: 3}").empty());
    CHECK(warnings_of("{prompt: x, stop: y, logprobs: 1, top_logprobs: 2}").empty());
    CHECK(warnings_of("{messages: hello, temperature: 0}").empty());
}
