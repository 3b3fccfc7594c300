#include "job/input/batch_row.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace skein;
using namespace skein::job;
using Catch::Matchers::Contains;

namespace {

bool is_batch(std::string_view text) {
    json::Object row;
    REQUIRE_FALSE(row.parse(text));
    return is_batch_row(row);
}

std::string advice(const std::vector<std::string>& members) { return advice_on_row(members); }

}  // namespace

TEST_CASE(
    "A row is a whole request if its body is an object and it has an id, a url or a method.",
    "[job]"
) {
    CHECK(is_batch(R"({"custom_id":"a","body":{}})"));
    CHECK(is_batch(R"({"url":"/score","body":{}})"));
    CHECK(is_batch(R"({"method":"POST","body":{}})"));
    CHECK_FALSE(is_batch(R"({"body":{}})"));
    CHECK_FALSE(is_batch(R"({"custom_id":"a","params":{}})"));
}

TEST_CASE("A row with a text as body, such as a page or a mail, is no whole request.", "[job]") {
    CHECK_FALSE(is_batch(R"({"url":"https://example.org/a","body":"Once upon a time"})"));
    CHECK_FALSE(is_batch(R"({"custom_id":"a","body":null})"));
}

TEST_CASE(
    "A batch line for another API is refused with its vendor's name and the form to write.", "[job]"
) {
    CHECK_THAT(advice({"custom_id", "params"}), Contains("Anthropic"));
    CHECK_THAT(advice({"key", "request"}), Contains("Gemini"));
    CHECK_THAT(advice({"recordId", "modelInput"}), Contains("Bedrock"));
    CHECK_THAT(advice({"batch_request_id", "batch_request"}), Contains("xAI"));
    CHECK_THAT(advice({"model", "messages"}), Contains("{{ messages | json }}"));
    CHECK(advice({"question", "params"}).empty());
    CHECK(advice({}).empty());
}
