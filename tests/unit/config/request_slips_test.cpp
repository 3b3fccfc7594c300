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

TEST_CASE("A misspelt member of a request gives a warning with the probable name.", "[config]") {
    const auto warnings =
        warnings_of("{temprature: 0, max_token: 5, messages: [{roel: user, contnet: x}]}");
    REQUIRE(warnings.size() == 4);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:11: 'temprature'"));
    CHECK_THAT(warnings[0], Contains("did you mean 'temperature'?"));
    CHECK_THAT(warnings[1], Contains("did you mean 'max_tokens'?"));
    CHECK_THAT(warnings[2], Contains("did you mean 'role'?"));
    CHECK_THAT(warnings[3], Contains("did you mean 'content'?"));
}

TEST_CASE("The argument extra_body of a client library gives a warning.", "[config]") {
    const auto warnings = warnings_of("{prompt: x, extra_body: {top_k: 1}}");
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:22: 'extra_body'"));
    CHECK_THAT(warnings[0], Contains("write its members here"));
}

TEST_CASE(
    "An argument of a client library or of another API gives a warning with its replacement.",
    "[config]"
) {
    const auto warnings = warnings_of(
        "{prompt: x, timeout: 60, engine: m, api_key: k, system: be brief, stop_sequences: [a]}"
    );
    REQUIRE(warnings.size() == 5);
    CHECK_THAT(warnings[0], Contains("write timeouts.request"));
    CHECK_THAT(warnings[1], Contains("goes into every request"));
    CHECK_THAT(warnings[2], Contains("the model belongs to the endpoint"));
    CHECK_THAT(warnings[3], Contains("a message with the role system"));
    CHECK_THAT(warnings[4], Contains("write stop"));
}

TEST_CASE("A member in another case of letters is matched to the known member.", "[config]") {
    const auto warnings = warnings_of("{topP: 1, maxTokens: 5, Temperature: 0, topK: 1}");
    REQUIRE(warnings.size() == 4);
    CHECK_THAT(warnings[0], Contains("did you mean 'top_p'?"));
    CHECK_THAT(warnings[1], Contains("did you mean 'max_tokens'?"));
    CHECK_THAT(warnings[2], Contains("did you mean 'temperature'?"));
    CHECK_THAT(warnings[3], Contains("did you mean 'top_k'?"));
}

TEST_CASE("Members of nested objects in a request are checked, through lists, too.", "[config]") {
    const auto warnings = warnings_of(
        "{stream_options: {include_useage: true}, response_format: {json_shema: {shema: {}}},"
        " tools: [{function: {paramters: {tempratur: 1}}}],"
        " messages: [{content: [{imageurl: {urls: x}}]}]}"
    );
    REQUIRE(warnings.size() == 4);
    CHECK_THAT(warnings[0], Contains("did you mean 'image_url'?"));
    CHECK_THAT(warnings[1], Contains("did you mean 'parameters'?"));
    CHECK_THAT(warnings[2], Contains("did you mean 'include_usage'?"));
    CHECK_THAT(warnings[3], Contains("did you mean 'json_schema'?"));
}

TEST_CASE("Known members, and members similar to none, give no warning.", "[config]") {
    CHECK(warnings_of("{top_a: 1, top_k: 2, min_p: 0, x: 1, my_gateway_option: 2, n: 3}").empty());
    CHECK(warnings_of("{prompt: x, stop: y, logprobs: 1, top_logprobs: 2}").empty());
    CHECK(warnings_of("{messages: hello, temperature: 0}").empty());
}
