#include "dialect/http/error_answer.hpp"

#include "dialect/http/redact.hpp"
#include "dialect/http/status.hpp"
#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const WallTime wall{1696004797s};

Fault fault(
    int status, std::string_view body, const Headers& headers = {}, const Endpoint& endpoint = {}
) {
    return fault_of_answer(status, headers, body, wall, endpoint);
}

Headers one(std::string_view name, std::string_view value) {
    Headers headers;
    headers.add(name, value);
    return headers;
}

}  // namespace

TEST_CASE("Every HTTP status maps to its fault.", "[dialect]") {
    struct Row {
        FaultKind kind;
        std::vector<int> statuses;
    };
    for (const auto& row : std::vector<Row>{
             {FaultKind::redirect_refused, {300, 301, 302, 303, 304, 307, 308, 399}},
             {FaultKind::rejected, {400, 405, 406, 413, 415, 418, 422, 431, 451, 501, 505, 511}},
             {FaultKind::auth, {401}},
             {FaultKind::quota, {402}},
             {FaultKind::forbidden, {403}},
             {FaultKind::not_found, {404}},
             {FaultKind::throttled, {420, 429}},
             {FaultKind::overloaded, {498, 503, 509, 529, 598}},
             {FaultKind::server_error,
              {408,
               409,
               424,
               425,
               460,
               499,
               500,
               502,
               504,
               520,
               521,
               522,
               523,
               524,
               526,
               530,
               599}},
             {FaultKind::bad_response, {0, 99, 100, 101, 600, 999, -1}},
         }) {
        for (const int status : row.statuses) {
            INFO(status);
            CHECK(fault_of_status(status) == row.kind);
        }
    }
}

TEST_CASE("An error body is understood in every known shape.", "[dialect]") {
    struct Row {
        std::string title;
        int status;
        std::string body;
        FaultKind kind;
        std::string message;
    };
    for (const auto& row : std::vector<Row>{
             {"OpenAI",
              429,
              R"({"error":{"message":"Slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
              FaultKind::throttled,
              "Slow down"},
             {"OpenAI, billing",
              429,
              R"({"error":{"message":"m","type":"insufficient_quota","code":"credit_balance_exhausted"}})",
              FaultKind::quota,
              "m"},
             {"MiniMax, beside a status",
              429,
              R"({"error":{"http_code":"429","message":"no balance","type":"insufficient_balance_error"}})",
              FaultKind::quota,
              "no balance"},
             {"MiniMax, its own shape beside a status",
              400,
              R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})",
              FaultKind::quota,
              "insufficient balance"},
             {"OpenAI, billing by type alone",
              429,
              R"({"error":{"message":"m","type":"insufficient_quota","code":null}})",
              FaultKind::quota,
              "m"},
             {"OpenAI, organization",
              429,
              R"({"error":{"message":"m","code":"organization_spend_limit_exceeded"}})",
              FaultKind::quota,
              "m"},
             {"OpenAI, project",
              429,
              R"({"error":{"message":"m","code":"project_spend_limit_exceeded"}})",
              FaultKind::quota,
              "m"},
             {"OpenAI, usage",
              429,
              R"({"error":{"message":"m","code":"organization_usage_limit_exceeded"}})",
              FaultKind::quota,
              "m"},
             {"OpenAI, slow down",
              503,
              R"({"error":{"message":"m","code":"slow_down"}})",
              FaultKind::overloaded,
              "m"},
             {"OpenAI, context",
              400,
              R"({"error":{"message":"m","code":"context_length_exceeded"}})",
              FaultKind::context_exceeded,
              "m"},
             {"OpenAI, filter",
              400,
              R"({"error":{"message":"m","type":"invalid_request_error","code":"content_policy_violation"}})",
              FaultKind::filtered,
              "m"},
             {"OpenAI, filter within a success",
              200,
              R"({"error":{"message":"m","code":"invalid_prompt"}})",
              FaultKind::filtered,
              "m"},
             {"Azure, filter",
              400,
              R"({"error":{"message":"m","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"jailbreak":{"filtered":true}}}}})",
              FaultKind::filtered,
              "m (prompt)"},
             {"Azure, filter told within only",
              400,
              R"({"error":{"message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
              FaultKind::filtered,
              "m"},
             {"DashScope, filter",
              400,
              R"({"code":"DataInspectionFailed","message":"m"})",
              FaultKind::filtered,
              "m"},
             {"vLLM",
              400,
              R"({"error":{"message":"bad","type":"BadRequestError","param":null,"code":400}})",
              FaultKind::rejected,
              "bad"},
             {"vLLM, context",
              400,
              R"({"object":"error","message":"This model's maximum context length is 8 tokens","type":"BadRequestError","code":400})",
              FaultKind::context_exceeded,
              "This model's maximum context length is 8 tokens"},
             {"older vLLM",
              404,
              R"({"object":"error","message":"no model","type":"NotFoundError","param":null,"code":404})",
              FaultKind::not_found,
              "no model"},
             {"llama-server, loading",
              503,
              R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
              FaultKind::not_ready,
              "Loading model"},
             {"llama-server, busy",
              503,
              R"({"error":{"code":503,"message":"no slot","type":"unavailable_error"}})",
              FaultKind::overloaded,
              "no slot"},
             {"llama-server, context",
              400,
              R"({"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_ctx":8}})",
              FaultKind::context_exceeded,
              "too long"},
             {"Anthropic",
              529,
              R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})",
              FaultKind::overloaded,
              "Overloaded"},
             {"Anthropic, spending",
              429,
              R"({"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}})",
              FaultKind::quota,
              "m"},
             {"Anthropic, billing",
              402,
              R"({"type":"error","error":{"type":"billing_error","message":"m"}})",
              FaultKind::quota,
              "m"},
             {"Gemini, per minute",
              429,
              R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"QuotaFailure","violations":[{"quotaId":"RequestsPerMinute"}]},{"@type":"RetryInfo","retryDelay":"58s"}]}})",
              FaultKind::throttled,
              "m"},
             {"Gemini, per day",
              429,
              R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"X"},{"quotaId":"GenerateRequestsPerDayPerProject"}]}]}})",
              FaultKind::quota,
              "m"},
             {"Anthropic, a limit that the user has set",
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01."}})",
              FaultKind::quota,
              "You have reached your specified API usage limits. You will regain access on "
              "2026-12-01."},
             {"Anthropic, no credit",
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}})",
              FaultKind::quota,
              "Your credit balance is too low to access the API"},
             {"Anthropic, quoting what was asked",
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"bad text: Your credit balance is too low"}})",
              FaultKind::rejected,
              "bad text: Your credit balance is too low"},
             {"Anthropic, context",
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}})",
              FaultKind::context_exceeded,
              "prompt is too long: 9 tokens > 8 maximum"},
             {"Anthropic, a wrong request",
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}})",
              FaultKind::rejected,
              "max_tokens: required"},
             {"Gemini, an unknown key",
              400,
              R"({"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"@type":"ErrorInfo","reason":"API_KEY_INVALID"}]}})",
              FaultKind::auth,
              "m"},
             {"Gemini, no billing",
              403,
              R"({"error":{"code":403,"message":"m","status":"PERMISSION_DENIED","details":[{"reason":"BILLING_DISABLED"}]}})",
              FaultKind::quota,
              "m"},
             {"Gemini, context",
              400,
              R"({"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens allowed (8).","status":"INVALID_ARGUMENT"}})",
              FaultKind::context_exceeded,
              "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
             {"Gemini, in a list",
              400,
              R"([{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}])",
              FaultKind::rejected,
              "m"},
             {"Mistral",
              429,
              R"({"object":"error","message":"m","type":"rate_limited","param":null,"code":"1300"})",
              FaultKind::throttled,
              "m"},
             {"Mistral, what is wrong with a request",
              422,
              R"({"object":"error","message":{"detail":[{"loc":["body"],"msg":"field required"}]},"type":"invalid_request_error","code":null})",
              FaultKind::rejected,
              "field required"},
             {"a router that still loads the model",
              503,
              R"({"error":"Model small is currently loading","estimated_time":20.0})",
              FaultKind::not_ready,
              "Model small is currently loading"},
             {"older llama-server, context",
              400,
              R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"invalid_request_error"}})",
              FaultKind::context_exceeded,
              "the request exceeds the available context size"},
             {"newer vLLM, context",
              400,
              R"({"error":{"message":"The decoder prompt (9) is longer than the maximum model length of 8.","type":"BadRequestError","code":400}})",
              FaultKind::context_exceeded,
              "The decoder prompt (9) is longer than the maximum model length of 8."},
             {"Groq",
              429,
              R"({"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}})",
              FaultKind::throttled,
              "m"},
             {"FastAPI, text", 404, R"({"detail":"Not Found"})", FaultKind::not_found, "Not Found"},
             {"FastAPI, list",
              422,
              R"({"detail":[{"loc":["body"],"msg":"field required"},{"msg":"too short"},7]})",
              FaultKind::rejected,
              "field required; too short"},
             {"FastAPI, a member",
              422,
              R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted"}]}})",
              FaultKind::rejected,
              "stream_options.include_usage: Extra inputs are not permitted"},
             {"FastAPI, an item",
              422,
              R"({"detail":[{"loc":["body","messages",0,"role"],"msg":"m"},{"loc":["body","x"],"msg":"n"}]})",
              FaultKind::rejected,
              "messages.0.role: m; x: n"},
             {"a text for an error",
              500,
              R"({"error":"boom","error_type":"generation"})",
              FaultKind::server_error,
              "boom"},
             {"AWS, a key that has expired",
              403,
              R"({"message":"The security token included in the request is expired"})",
              FaultKind::auth,
              "The security token included in the request is expired"},
             {"AWS, quoting what was asked",
              403,
              R"({"message":"flagged: The security token included in the request is expired"})",
              FaultKind::forbidden,
              "flagged: The security token included in the request is expired"},
             {"a gateway", 403, R"({"message":"Forbidden"})", FaultKind::forbidden, "Forbidden"},
             {"plain text", 502, "upstream broke\n", FaultKind::server_error, "upstream broke"},
             {"HTML", 503, "<html>busy</html>", FaultKind::overloaded, "<html>busy</html>"},
             {"nothing", 401, "", FaultKind::auth, ""},
             {"JSON of no known shape",
              400,
              R"({"why":"because"})",
              FaultKind::rejected,
              R"({"why":"because"})"},
             {"wrong types",
              400,
              R"({"error":{"message":7,"type":[],"code":{},"details":"x"}})",
              FaultKind::rejected,
              R"({"error":{"message":7,"type":[],"code":{},"details":"x"}})"},
             {"too deep",
              500,
              std::string(50'000, '['),
              FaultKind::server_error,
              std::string(2048, '[')},
             {"a redirect",
              302,
              R"({"error":{"code":"insufficient_quota","message":"m"}})",
              FaultKind::redirect_refused,
              "m"},
         }) {
        INFO(row.title);
        const auto found = fault(row.status, row.body);
        CHECK(found.kind == row.kind);
        CHECK(found.http_status == row.status);
        if (row.title != "wrong types") CHECK(found.remote_message == row.message);
    }
}

TEST_CASE("A successful status with an error body becomes the fault of that error.", "[dialect]") {
    struct Row {
        std::string error;
        FaultKind kind;
    };
    for (const auto& row : std::vector<Row>{
             {R"({"type":"overloaded_error"})", FaultKind::overloaded},
             {R"({"type":"rate_limit_error"})", FaultKind::throttled},
             {R"({"code":"rate_limit_exceeded"})", FaultKind::throttled},
             {R"({"status":"RESOURCE_EXHAUSTED"})", FaultKind::throttled},
             {R"({"status":"UNAVAILABLE"})", FaultKind::overloaded},
             {R"({"code":429})", FaultKind::throttled},
             {R"({"code":"502"})", FaultKind::server_error},
             {R"({"code":401})", FaultKind::auth},
             {R"({"code":400,"type":"exceed_context_size_error"})", FaultKind::context_exceeded},
             {R"({"code":503,"message":"Loading model"})", FaultKind::not_ready},
             {R"({"type":"insufficient_quota"})", FaultKind::quota},
             {R"({"type":"invalid_request_error"})", FaultKind::rejected},
             {R"({"type":"NotFoundError"})", FaultKind::not_found},
             {R"({"code":400,"details":[{"reason":"API_KEY_INVALID"}]})", FaultKind::auth},
             {R"({"code":429,"details":[{"reason":"ANY"}]})", FaultKind::throttled},
             {R"({"code":7})", FaultKind::server_error},
             {R"({"code":200})", FaultKind::server_error},
             {R"({"code":302})", FaultKind::server_error},
             {R"({"code":99999999999999})", FaultKind::server_error},
             {R"({"message":"?"})", FaultKind::server_error},
             {R"("some words")", FaultKind::server_error},
         }) {
        INFO(row.error);
        const auto found = fault(200, R"({"error":)" + row.error + "}");
        CHECK(found.kind == row.kind);
        CHECK(found.http_status == 200);
    }
}

TEST_CASE("Each code of a Response that failed has its fault.", "[dialect]") {
    struct Row {
        std::string code;
        FaultKind kind;
    };
    for (const auto& row : std::vector<Row>{
             {"server_error", FaultKind::server_error},
             {"vector_store_timeout", FaultKind::server_error},
             {"rate_limit_exceeded", FaultKind::throttled},
             {"invalid_prompt", FaultKind::filtered},
             {"bio_policy", FaultKind::filtered},
             {"image_content_policy_violation", FaultKind::filtered},
             {"invalid_image", FaultKind::rejected},
             {"invalid_image_format", FaultKind::rejected},
             {"invalid_base64_image", FaultKind::rejected},
             {"invalid_image_url", FaultKind::rejected},
             {"image_too_large", FaultKind::rejected},
             {"image_too_small", FaultKind::rejected},
             {"image_parse_error", FaultKind::rejected},
             {"invalid_image_mode", FaultKind::rejected},
             {"image_file_too_large", FaultKind::rejected},
             {"unsupported_image_media_type", FaultKind::rejected},
             {"empty_image_file", FaultKind::rejected},
             {"failed_to_download_image", FaultKind::rejected},
             {"image_file_not_found", FaultKind::rejected},
             {"data_residency_mismatch", FaultKind::rejected},
             {"brand_new", FaultKind::server_error},
         }) {
        INFO(row.code);
        const auto body = R"({"error":{"code":")" + row.code + R"(","message":"m"}})";
        CHECK(fault(200, body).kind == row.kind);
    }
}

TEST_CASE("A status of an error counts more than the codes of other makers.", "[dialect]") {
    CHECK(fault(503, R"({"error":{"code":"image_too_small"}})").kind == FaultKind::overloaded);
    CHECK(fault(429, R"({"error":{"code":"server_error"}})").kind == FaultKind::throttled);
    CHECK(fault(400, R"({"error":{"code":"vector_store_timeout"}})").kind == FaultKind::rejected);
}

TEST_CASE("A fault carries the Retry-After of the server.", "[dialect]") {
    CHECK(fault(429, "", one("retry-after", "2")).retry_after == Duration{2s});
    CHECK(fault(503, "", one("retry-after-ms", "250")).retry_after == Duration{250ms});
    CHECK(
        fault(429, R"({"error":{"details":[{"retryDelay":"58s"}]}})").retry_after == Duration{58s}
    );
    CHECK(
        fault(429, R"({"error":{"message":"Please try again in 6.305s."}})").retry_after ==
        Duration{6305ms}
    );
    CHECK_FALSE(fault(429, "").retry_after);
}

TEST_CASE("Rate headers within an error body count like those of the answer.", "[dialect]") {
    const auto openrouter = [](const std::string& remaining, const std::string& reset) {
        return R"({"error":{"message":"Rate limit exceeded","code":429,"metadata":{"headers":{)"
               R"("X-RateLimit-Limit":"50","X-RateLimit-Remaining":")" +
               remaining + R"(","X-RateLimit-Reset":)" + reset + "}}}}";
    };
    const std::string in_two_hours = R"("1696011997000")";  // Milliseconds since 1970.
    CHECK(fault(429, openrouter("0", in_two_hours)).retry_after == Duration{2h});
    CHECK(fault(429, openrouter("0", R"("1696011997")")).retry_after == Duration{2h});
    CHECK(fault(429, openrouter("0", R"("30")")).retry_after == Duration{30s});
    CHECK_FALSE(fault(429, openrouter("3", in_two_hours)).retry_after);
    CHECK_FALSE(fault(429, openrouter("0", R"("1696004797000")")).retry_after);
    CHECK_FALSE(fault(429, openrouter("0", "7")).retry_after);
    const auto later = one("retry-after", "20");
    CHECK(fault(429, openrouter("0", in_two_hours), later).retry_after == Duration{20s});
    CHECK_FALSE(fault(400, openrouter("0", in_two_hours)).retry_after);
}

TEST_CASE("A pause in a quoted prompt is not a Retry-After.", "[dialect]") {
    const auto* quoted =
        R"({"error":{"message":"not allowed: 'the context said: try again in 5h'"}})";
    for (const int status : {400, 401, 403, 404, 413, 422, 500}) {
        CAPTURE(status);
        CHECK_FALSE(fault(status, quoted).retry_after);
        CHECK(fault(status, quoted, one("retry-after", "7")).retry_after == 7s);
    }
    for (const int status : {429, 503, 529}) CHECK(fault(status, quoted).retry_after == 5h);
}

TEST_CASE("A fault carries x-should-retry of the server.", "[dialect]") {
    CHECK(fault(500, "", one("x-should-retry", "false")).should_retry == false);
    CHECK(fault(400, "", one("X-Should-Retry", " True ")).should_retry == true);
    CHECK_FALSE(fault(500, "", one("x-should-retry", "maybe")).should_retry);
    CHECK_FALSE(fault(500, "").should_retry);
}

TEST_CASE("The detail of a fault has the status, type, code and request id.", "[dialect]") {
    auto headers = one("x-request-id", "req_7");
    CHECK(
        fault(
            429,
            R"({"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}})",
            headers
        )
            .detail == "HTTP 429, tokens, rate_limit_exceeded (request req_7)"
    );
    CHECK(
        fault(400, R"({"error":{"status":"INVALID_ARGUMENT","details":[{"reason":"WHY"}]}})")
            .detail == "HTTP 400, INVALID_ARGUMENT, WHY"
    );
    CHECK(fault(500, "boom").detail == "HTTP 500");
    CHECK(fault(404, R"({"error":{"code":404}})").detail == "HTTP 404");
    headers = one("location", "https://example.invalid/a?token=CANARY");
    CHECK(
        fault(307, "", headers).detail ==
        "HTTP 307, to https://example.invalid/a: redirects are not followed"
    );
    CHECK_THAT(fault(500, "", one("request-id", "\x1b[31m")).detail, Contains("\\u001b[31m"));
}

TEST_CASE("A fault contains no API key, and not even half of one.", "[dialect]") {
    const std::string key = "CANARY-key-0123456789";
    const std::string other = "CANARY-other";
    const Endpoint endpoint{
        .api_key = Secret{key},
        .headers = {{"X-Team-Token", other}, {"Cookie", "session " + other + "2"}}};
    for (const std::string lead :
         {"", "x", "0123456789012345678901234567890123456789012345678901234567890123456789"}) {
        for (const auto& quoted : {key, other, other + "2"}) {
            const auto words = lead + quoted + " is wrong";
            for (const auto& body :
                 {words, R"({"error":{"message":")" + words + R"(","code":")" + words + "\"}}"}) {
                const auto found = fault(401, body, one("x-request-id", quoted), endpoint);
                CHECK_THAT(found.detail + found.remote_message, !Contains("CANARY"));
            }
            CHECK_THAT(excerpt(words, endpoint), !Contains("CANARY"));
        }
    }
    const auto at_the_cut = std::string(2040, 'x') + key;
    CHECK_THAT(remote_words(at_the_cut, endpoint), !Contains("CANARY"));
}

TEST_CASE("The remote message of a fault is valid UTF-8 and at most 2 kB.", "[dialect]") {
    std::string umlauts;
    for (int i = 0; i < 2000; ++i) umlauts += "ä";
    CHECK(remote_words(umlauts, {}).size() == 2048);
    CHECK(remote_words("x" + umlauts, {}).size() == 2047);
    CHECK(remote_words("caf\xE9", {}) == "caf\uFFFD");
    CHECK(remote_words(std::string(3'000'000, 'x'), {}).size() == 2048);
    CHECK(fault(500, "\xFF" + std::string(100'000, '\xFE')).remote_message.size() <= 2048);
    CHECK(fault(500, R"({"error":{"message":"\ud800!"}})").remote_message == "\uFFFD!");
}

TEST_CASE(
    "A 402 for what is in flight right now is throttled, with its pause, and is no matter of "
    "money.",
    "[dialect]"
) {
    const auto body = [](const std::string& metadata) {
        return R"({"error":{"code":402,"message":"m","metadata":{)" + metadata + "}}}";
    };
    const std::string source = R"("limit_source":"openrouter_in_flight_budget")";
    const auto inside = R"(,"headers":{"Retry-After":"7"})";
    const auto number = R"(,"headers":{"retry-after":8})";
    for (const int status : {402, 200}) {
        CAPTURE(status);
        CHECK(fault(status, body(source)).kind == FaultKind::throttled);
        CHECK(fault(status, body(source + inside)).retry_after == Duration{7s});
        CHECK(fault(status, body(source + number)).retry_after == Duration{8s});
        // The head is nearer to the truth than what is repeated.
        const auto both = fault(status, body(source + inside), one("Retry-After", "3"));
        CHECK(both.retry_after == Duration{3s});
        CHECK(fault(status, body(R"("limit_source":"credits")")).kind == FaultKind::quota);
    }
}

TEST_CASE(
    "JSON that Groq could not validate was written, and may be asked for again.", "[dialect]"
) {
    const auto kind = fault(
                          400,
                          R"({"error":{"message":"m","type":"invalid_request_error",)"
                          R"("code":"json_validate_failed","failed_generation":"{"}})"
    )
                          .kind;
    CHECK(kind == FaultKind::invalid_output);
}
