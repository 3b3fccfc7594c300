#include "job/input/template_warnings.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace skein;
using namespace skein::job;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::vector<std::string> fields{"question", "answer"};

std::vector<std::string> warnings_of(
    const std::string& request, const RowsKnown& known = {.fields = fields, .rows = 1319}
) {
    const auto made = Template::compile(request);
    REQUIRE(made.has_value());
    return template_warnings(*made, request, known, [](std::size_t text) {
        return "job.yaml:" + std::to_string(text) + ":1";
    });
}

}  // namespace

TEST_CASE("A field name in single braces gives a warning with the right spelling.", "[job]") {
    const auto warnings = warnings_of(R"({"prompt":"{{ answer }} to { question }"})");
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:1: `{ question }` is sent as it stands"));
    CHECK_THAT(warnings[0], Contains("write {{ question }}"));
}

TEST_CASE("Braces around a text that is no field name give no warning.", "[job]") {
    CHECK(warnings_of(R"({"prompt":"\\boxed{x} {} { {{ question }} }"})").empty());
}

TEST_CASE("A statement of another template language gives a warning.", "[job]") {
    const auto warnings = warnings_of(R"({"prompt":"{{ question }}{% if x %}!{% endif %}"})");
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], StartsWith("job.yaml:1:1: `{% if x %}` is sent as it stands"));
    CHECK(warnings_of(R"({"prompt":"{{ question }} 5%} {% "})").empty());
}

TEST_CASE("A template without placeholders gives a warning if there are many rows.", "[job]") {
    const auto warnings = warnings_of(R"({"prompt":"Hello"})");
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], Contains("so all 1319 requests are the same"));
    CHECK_THAT(warnings[0], Contains("the input has: question, answer; write {{ question }}"));
    CHECK(warnings_of(R"({"prompt":"Hello"})", {.fields = fields, .rows = 1}).empty());
    const auto unknown = warnings_of(R"({"prompt":"Hello"})", {});
    REQUIRE(unknown.size() == 1);
    CHECK_THAT(unknown[0], Contains("so all requests are the same; write {{ name }}"));
}

TEST_CASE("A warning about a template has its position in the job file.", "[job]") {
    const auto place_of = [](std::size_t text) { return "job.yaml:" + std::to_string(text); };
    const auto open =
        Template::compile(R"({"messages":[{"role":"user","content":"{{ x"}]})", place_of);
    REQUIRE(open.has_error());
    CHECK(open.error().where == "job.yaml:4");
    const auto made = Template::compile(R"({"prompt":"{{ qestion }}"})", place_of);
    REQUIRE(made.has_value());
    const auto wrong = made->check(fields, place_of);
    REQUIRE(wrong);
    CHECK(wrong->where == "job.yaml:1");
    CHECK_THAT(wrong->what, Contains("did you mean `question`?"));
    CHECK(made->check(fields)->where == "request");
}
