// Extreme JSON in input lines: each row is sent as valid JSON, or it fails alone.
#include "job/input/request_builder.hpp"
#include "json/json.hpp"
#include "support/catch.hpp"
#include "support/json_torture.hpp"
#include "unit/job/file/scratch.hpp"

using namespace skein;
using namespace skein::job;

namespace {

// Checks that the request of a row is valid JSON; false if the row cannot be sent. A row is one
// line, so no value contains a line end.
bool is_sent(RequestBuilder& builder, const std::string& row) {
    const auto asked = builder.ask({.line = 7, .bytes = row});
    if (!asked.request) {
        CHECK(asked.request.error().kind == FaultKind::bad_input);
        CHECK(asked.request.error().detail.starts_with("input line 7: "));
        CHECK(asked.request.error().detail.size() < 400);
        return false;
    }
    const auto members = asked.request->body;
    CHECK_FALSE(json::parse(members).error());
    return true;
}

}  // namespace

TEST_CASE("A row with extreme JSON is sent as valid JSON, or it fails alone.", "[job]") {
    const auto plain = R"({"messages":[{"role":"user","content":"{{ a }}"}]})";
    const auto as_json = R"({"messages":[{"role":"user","content":"x"}],"a":"{{ a | json }}"})";
    for (const auto& request : {plain, as_json}) {
        auto builder = RequestBuilder::make(request, Input::Format::jsonl, {});
        REQUIRE(ok(builder));
        for (const auto& [title, value, valid] : test::json_torture()) {
            INFO(title << " into " << request);
            CHECK(is_sent(*builder, R"({"a":)" + value + "}") == valid);
            CHECK_FALSE(is_sent(*builder, value + R"({"a":)"));
        }
    }
}

TEST_CASE("A whole request with extreme JSON is sent as valid JSON, or it fails alone.", "[job]") {
    auto builder = RequestBuilder::make({}, Input::Format::openai_batch, {});
    REQUIRE(ok(builder));
    const std::string head =
        R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":)";
    for (const auto& [title, value, valid] : test::json_torture()) {
        INFO(title);
        CHECK(is_sent(*builder, head + R"({"messages":[],"a":)" + value + "}}") == valid);
        is_sent(*builder, head + value + "}");
        is_sent(*builder, R"({"custom_id":)" + value + head.substr(16) + "{}}");
    }
}
