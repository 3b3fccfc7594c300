#include "dialect/http/error_body.hpp"

#include "support/catch.hpp"

using namespace skein;

namespace {

json::Element parsed(const std::string& text) {
    json::Element root;
    INFO(text);
    REQUIRE_FALSE(json::parse(text).get(root));
    return root;
}

}  // namespace

TEST_CASE("Code, type and message are read from the error body of each vendor.", "[dialect]") {
    struct Row {
        const char* maker;
        const char* body;
        ErrorBody expected;
    };
    for (const auto& row : std::vector<Row>{
             {"OpenAI",
              R"({"error":{"message":"Too long.","type":"invalid_request_error","param":"messages",)"
              R"("code":"context_length_exceeded"}})",
              {"context_length_exceeded", "invalid_request_error", "Too long. (messages)"}},
             {"Anthropic",
              R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
              {"", "overloaded_error", "Overloaded"}},
             {"Anthropic with details",
              R"({"error":{"type":"billing_error","message":"No.","details":{"error_code":"x"}}})",
              {"x", "billing_error", "No."}},
             {"Google",
              R"({"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[)"
              R"({"reason":"RATE_LIMIT_EXCEEDED"},{"retryDelay":"7s"},)"
              R"({"violations":[{"quotaId":"RequestsPerDay"}]}]}})",
              {"429", "RESOURCE_EXHAUSTED", "Quota.", "RATE_LIMIT_EXCEEDED", "7s", true}},
             {"vLLM, flat",
              R"({"object":"error","message":"Bad.","type":"BadRequestError","code":400})",
              {"400", "BadRequestError", "Bad."}},
             {"TGI",
              R"({"error":"Overloaded","error_type":"overloaded"})",
              {"", "overloaded", "Overloaded"}},
             {"FastAPI", R"({"detail":"Not Found"})", {"", "", "Not Found"}},
             {"FastAPI's list",
              R"({"detail":[{"loc":["body","n"],"msg":"too large"},{"loc":["body","top_p",0],"msg":"no"}]})",
              {"", "", "n: too large; top_p.0: no"}},
             {"Baidu",
              R"({"error_code":18,"error_msg":"Open api qps reached"})",
              {"18", "", "Open api qps reached"}},
             {"MiniMax",
              R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})",
              {"1008", "", "insufficient balance", "", "", false, 402}},
             {"RFC 9457", R"({"title":"Gone","status":410})", {"410", "", "Gone"}},
             {"JSON:API",
              R"({"errors":[{"code":"7003","message":"No route"}]})",
              {"7003", "", "No route"}},
             {"text", "upstream connect error", {"", "", "upstream connect error"}},
             {"another JSON", R"([1,2])", {"", "", "[1,2]"}},
         }) {
        INFO(row.maker);
        const auto body = read_error_body(row.body);
        CHECK(body.code == row.expected.code);
        CHECK(body.type == row.expected.type);
        CHECK(body.message == row.expected.message);
        CHECK(body.reason == row.expected.reason);
        CHECK(body.delay == row.expected.delay);
        CHECK(body.per_day == row.expected.per_day);
        CHECK(body.status == row.expected.status);
    }
}

TEST_CASE("The rate headers that OpenRouter repeats in an error body are read.", "[dialect]") {
    const auto body = read_error_body(
        R"({"error":{"code":429,"message":"m","metadata":{"headers":{"X-RateLimit-Remaining":"0",)"
        R"("Authorization":"no rate header"}}}})"
    );
    CHECK(body.headers.get("x-ratelimit-remaining") == "0");
    CHECK(body.headers.size() == 1);
}

TEST_CASE("A good answer is not an error, whatever members it has.", "[dialect]") {
    for (const std::string text :
         {R"({"choices":[],"error":null})",
          R"({"choices":[],"error":{}})",
          R"({"choices":[],"error":""})",
          R"({"choices":[],"error":false,"message":"done"})",
          R"({"object":"chat.completion","type":"message"})",
          R"({"base_resp":{"status_code":0,"status_msg":"success"}})",
          R"({"choices":[{}],"base_resp":{"status_code":1042}})",
          R"([])",
          R"(["error"])",
          R"("error")"}) {
        INFO(text);
        CHECK_FALSE(error_in(parsed(text)));
    }
    CHECK(error_in(parsed(R"([{"error":{"message":"Google wraps it in a list"}}])")));
    CHECK(error_in(parsed(R"({"error":true,"message":"m"})"))->message == "m");
    CHECK(error_in(parsed(R"({"error":"a","error":"b"})"))->message == "a");  // The first of two.
    CHECK_FALSE(error_in(parsed(R"({"error":null,"error":"b"})")));
}

TEST_CASE("An error within a choice is read.", "[dialect]") {
    CHECK(error_in_choice(parsed(R"({"error":{"code":502,"message":"m"}})"))->code == "502");
    CHECK_FALSE(error_in_choice(parsed(R"({"error":null,"message":{"content":"m"}})")));
}

TEST_CASE("A message without choices or data is an error; beside them it is not.", "[dialect]") {
    CHECK(error_in_place_of_answer(parsed(R"({"detail":"Busy"})"))->message == "Busy");
    CHECK(error_in_place_of_answer(parsed(R"({"msg":"Busy"})"))->message == "Busy");
    CHECK_FALSE(error_in_place_of_answer(parsed(R"({"msg":"ok","choices":[{}]})")));
    CHECK_FALSE(error_in_place_of_answer(parsed(R"({"id":"a"})")));
    CHECK_FALSE(error_in_place_of_answer(parsed("[]")));
}
