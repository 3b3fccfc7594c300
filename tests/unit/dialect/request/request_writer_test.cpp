#include "dialect/request/request_writer.hpp"

#include "json/json.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace skein;
using Catch::Contains;

namespace {

Prepared good(const Request& request) {
    auto prepared = prepare(request);
    if (!prepared) FAIL(prepared.error().detail);
    return *prepared;
}

std::string wrong(const Request& request) {
    const auto prepared = prepare(request);
    REQUIRE(prepared.has_error());
    CHECK(prepared.error().kind == FaultKind::bad_input);
    CHECK(prepared.error().http_status == 0);
    return prepared.error().detail;
}

Request body(std::string text, std::string path = "/v1/chat/completions") {
    return {.body = std::move(text), .path = std::move(path)};
}

const std::string options = R"("stream_options":{"include_usage":true})";

}  // namespace

TEST_CASE("A prompt becomes one user message.", "[dialect]") {
    const auto prepared = good({.prompt = "Say \"hi\"\n", .model = "small"});
    CHECK(prepared.path == "/v1/chat/completions");
    CHECK(prepared.members() == R"("messages":[{"role":"user","content":"Say \"hi\"\n"}])");
    CHECK(prepared.model == "small");
    CHECK_FALSE(prepared.stream);
    CHECK(prepared.choices == 1);
}

TEST_CASE("The members of a written body have a fixed order.", "[dialect]") {
    const auto prepared = good({
        .messages = {{.role = "system", .content = "Be terse."}, {.content = "Why?"}},
        .temperature = 0.25,
        .max_tokens = 64,
        .stream = true,
        .deadline = std::chrono::seconds{5},
    });
    CHECK(
        prepared.members() ==
        R"("messages":[{"role":"system","content":"Be terse."},{"role":"user","content":"Why?"}],)"
        R"("temperature":0.25,"max_tokens":64,"stream":true,)" +
            options
    );
    CHECK(prepared.stream);
    CHECK(prepared.deadline == Duration{std::chrono::seconds{5}});
}

TEST_CASE("A prompt is written in the format of each operation.", "[dialect]") {
    CHECK(good({.prompt = "a", .path = "/v1/completions"}).members() == R"("prompt":"a")");
    CHECK(good({.prompt = "a", .path = "/v1/embeddings"}).members() == R"("input":"a")");
    CHECK(
        good({.prompt = "a", .path = "/v1/completions", .stream = true}).members() ==
        R"("prompt":"a","stream":true,)" + options
    );
}

TEST_CASE("The body counts before the messages, and the messages before the prompt.", "[dialect]") {
    CHECK(
        good({.prompt = "a", .messages = {{.content = "b"}}, .body = R"({"c":1})"}).members() ==
        R"("c":1)"
    );
    CHECK_THAT(
        std::string{good({.prompt = "a", .messages = {{.content = "b"}}}).members()},
        Contains("\"b\"")
    );
}

TEST_CASE(
    "A body is copied byte for byte, except its model and the space between members.", "[dialect]"
) {
    struct Row {
        std::string given;
        std::string members;
        std::string model;
    };
    for (const auto& row : std::vector<Row>{
             {R"({"model":"m","messages":[]})", R"("messages":[])", "m"},
             {R"({"messages":[],"model":"m"})", R"("messages":[])", "m"},
             {R"({"a":1,"model":"m","b":2})", R"("a":1,"b":2)", "m"},
             {R"({"model":"m"})", "", "m"},
             {R"({})", "", "own"},
             {R"({"mod\u0065l":"m","a":1})", R"("a":1)", "m"},
             {R"({"model":"\u0041\"","a":1})", R"("a":1)", "A\""},
             {"{\n  \"a\" : [ 1.0 , 1e2 ],\r\n\t\"b\": \"x  y\\n\\u0041\"\n}\n",
              R"("a":[ 1.0 , 1e2 ],"b":"x  y\n\u0041")",
              "own"},
             {"{\"a\":[\n1\n]}", "\"a\":[\n1\n]", "own"},
             {R"({"a":1,"a":2,"a":1})", R"("a":1,"a":2,"a":1)", "own"},
             {R"({"temperature":0.10000000000000001,"n":1})",
              R"("temperature":0.10000000000000001,"n":1)",
              "own"},
             {R"({"deep":{"model":"inner"}})", R"("deep":{"model":"inner"})", "own"},
             {R"({"s":"{\"model\":\"inner\"}"})", R"("s":"{\"model\":\"inner\"}")", "own"},
         }) {
        INFO(row.given);
        const auto prepared = good({.body = row.given, .model = "own"});
        CHECK(prepared.members() == row.members);
        CHECK(prepared.model == row.model);
    }
}

TEST_CASE("A streamed body asks for its usage unless it has stream_options.", "[dialect]") {
    CHECK(good(body(R"({"stream":true})")).members() == R"("stream":true,)" + options);
    CHECK(
        good(body(R"({"stream":true})", "/v1/completions")).members() ==
        R"("stream":true,)" + options
    );
    const std::string own = R"("stream_options":{"include_usage":false},"stream":true)";
    CHECK(good(body("{" + own + "}")).members() == own);
    CHECK(good(body(R"({"stream":false})")).members() == R"("stream":false)");
    CHECK_FALSE(good(body(R"({"stream":null})")).stream);
    CHECK(good(body(R"({"stream":true})")).stream);
}

TEST_CASE("The member stream_options is not sent and not replaced if it is null.", "[dialect]") {
    const auto left_out = good(body(R"({"stream":true,"stream_options":null,"x":null})"));
    CHECK(left_out.members() == R"("stream":true,"x":null)");
    CHECK(left_out.added == 0);
    CHECK(good(body(R"({"stream_options":null})")).members().empty());
    CHECK(good(body(R"({"stream_options":{}})")).members() == R"("stream_options":{})");
}

TEST_CASE("Added members are recorded, and members of the caller are not.", "[dialect]") {
    CHECK(good(body(R"({"stream":true})")).added == adds_stream_options);
    CHECK(good({.prompt = "p", .stream = true}).added == adds_stream_options);
    CHECK(good(body(R"({"stream":true,"stream_options":{}})")).added == 0);
    CHECK(good(body("{}")).added == 0);
}

TEST_CASE("A request of an unknown operation needs a body and cannot be streamed.", "[dialect]") {
    const auto prepared = good(body(R"({"a":1,"n":"x","input":[]})", "/v1/responses"));
    CHECK(prepared.path == "/v1/responses");
    CHECK(prepared.members() == R"("a":1,"n":"x","input":[])");
    CHECK(prepared.choices == 1);
    CHECK_THAT(wrong({.prompt = "p", .path = "/score"}), Contains("fill in `body`"));
    CHECK_THAT(wrong(body(R"({"stream":true})", "/score")), Contains("leave `stream` out"));
    CHECK_THAT(wrong(body("{}", "http://h/score")), Contains("which host"));
    CHECK_THAT(wrong(body("{}", "/v1/audio/speech")), Contains("is a file"));
}

TEST_CASE("The number of choices is n times the number of prompts.", "[dialect]") {
    const auto choices = [](const std::string& text, const std::string& path) {
        return good(body(text, path)).choices;
    };
    const std::string chat = "/v1/chat/completions";
    const std::string completion = "/v1/completions";
    CHECK(choices(R"({"n":3})", chat) == 3);
    CHECK(choices(R"({"n":null})", chat) == 1);
    CHECK(choices(R"({"prompt":["a","b"]})", completion) == 2);
    CHECK(choices(R"({"prompt":["a","b"],"n":3})", completion) == 6);
    CHECK(choices(R"({"prompt":[1,2,3]})", completion) == 1);
    CHECK(choices(R"({"prompt":[[1,2],[3]]})", completion) == 2);
    CHECK(choices(R"({"prompt":"a"})", completion) == 1);
    CHECK(choices(R"({"prompt":[]})", completion) == 1);
    CHECK(choices(R"({"n":7})", "/v1/embeddings") == 1);
}

TEST_CASE("The token estimate is a quarter of the bytes plus the token limit.", "[dialect]") {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    CHECK(good({.prompt = std::string(400, 'x')}).tokens == (400 + 44 + 3) / 4);
    CHECK(good({.prompt = "x", .max_tokens = 100}).tokens > 100);
    CHECK(good({.prompt = "x", .max_tokens = max}).tokens == max);
    const auto of = [](const std::string& text) { return good(body(text)).tokens; };
    const std::string a = R"({"max_tokens":100})";
    CHECK(of(a) == 100 + (16 + 3) / 4);
    CHECK(of(R"({"max_completion_tokens":500})") > 500);
    CHECK(of(R"({"max_tokens":18446744073709551615})") == max);
    CHECK(of(R"({"max_tokens":9223372036854775807})") == max);
    CHECK(of(R"({"max_tokens":-5})") < 10);
    CHECK(of(R"({"max_tokens":"many"})") < 10);
}

TEST_CASE("The token limit counts once for each choice.", "[dialect]") {
    CHECK(good(body(R"({"n":3,"max_tokens":100})")).tokens == 300 + (22 + 3) / 4);
}

TEST_CASE("The number of inputs is the number of prompts or embedding inputs.", "[dialect]") {
    const auto inputs = [](const std::string& text, const std::string& path) {
        return good(body(text, path)).inputs;
    };
    CHECK(inputs(R"({"input":["a","b"]})", "/v1/embeddings") == 2);
    CHECK(inputs(R"({"input":"a"})", "/v1/embeddings") == 1);
    CHECK(inputs(R"({"input":[1,2,3]})", "/v1/embeddings") == 1);
    CHECK(inputs(R"({"prompt":["a","b"],"n":3})", "/v1/completions") == 2);
    CHECK(inputs(R"({"n":3,"input":["a","b"]})", "/v1/chat/completions") == 1);
}

TEST_CASE(
    "Images, audio and files are estimated by their kind and not by their base64.", "[dialect]"
) {
    const auto tokens = [](const std::string& part) {
        const std::string text =
            R"({"messages":[{"role":"user","content":[{"type":"text","text":"?"},)" + part + "]}]}";
        return good(body(text)).prompt_tokens;
    };
    const std::string data(200'000, 'A');
    const auto between = [](std::int64_t number, std::int64_t min, std::int64_t max) {
        CHECK(number >= min);
        CHECK(number <= max);
    };
    const std::string url = "data:image/jpeg;base64," + data;
    between(tokens(R"({"type":"image_url","image_url":{"url":")" + url + "\"}}"), 1100, 1150);
    between(tokens(R"({"type":"image_url","image_url":")" + url + "\"}"), 1100, 1150);
    between(
        tokens(R"({"type":"image_url","image_url":{"url":"https://x.example/a.png"}})"), 1100, 1150
    );
    between(
        tokens(R"({"type":"image_url","image_url":{"detail":"low","url":")" + url + "\"}}"), 85, 135
    );
    between(
        tokens(R"({"type":"input_audio","input_audio":{"format":"wav","data" : ")" + data + "\"}}"),
        1500,
        1550
    );
    between(
        tokens(
            R"({"type":"file","file":{"file_data":"data:application/pdf;base64,)" + data + "\"}}"
        ),
        3000,
        3050
    );
    // Text is text, however it looks.
    CHECK(tokens(R"({"type":"text","text":")" + data + "\"}") > 50'000);
    std::string escaped;
    for (int i = 0; i < 20'000; ++i) escaped += "AbC9\\/";
    between(
        tokens(
            R"({"type":"image_url","image_url":{"url":"data:image\/png;base64,)" + escaped + "\"}}"
        ),
        1100,
        1150
    );
}

TEST_CASE("An invalid body is refused with the reason.", "[dialect]") {
    struct Row {
        std::string given;
        std::string reason;
    };
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth - 1, '[') + '1' + std::string(depth - 1, ']') + "}";
    };
    for (const auto& row : std::vector<Row>{
             {"[]", "must be a JSON object"},
             {"\"x\"", "must be a JSON object"},
             {"{", "not valid JSON"},
             {" ", "is empty"},
             {"{} {}", "not valid JSON"},
             {"{\"a\":\"\xFF\"}", "not valid UTF-8"},
             {R"({"a":"\x"})", "malformed escape"},
             {R"({"a":1e999})", "number"},
             {nested(65), "more than 64 deep"},
             {R"({"model":7})", "`model` must be a string"},
             {R"({"model":null})", "`model` must be a string"},
             {R"({"model":"a","model":"b"})", "`model` is given twice"},
             {R"({"model":"a","mod\u0065l":"a"})", "`model` is given twice"},
             {R"({"stream":"yes"})", "`stream` must be true or false"},
             {R"({"n":0})", "`n` must be"},
             {R"({"n":-1})", "`n` must be"},
             {R"({"n":1.5})", "`n` must be"},
             {R"({"n":10001})", "`n` must be"},
             {R"({"n":18446744073709551615})", "`n` must be"},
         }) {
        INFO(row.given);
        CHECK_THAT(wrong(body(row.given)), Contains(row.reason));
    }
    CHECK_NOTHROW(good(body(nested(64))));
}

TEST_CASE("An invalid request without a body is refused with the reason.", "[dialect]") {
    CHECK_THAT(wrong({}), Contains("nothing is asked"));
    CHECK_THAT(
        wrong({.prompt = "a", .path = "/v1/models"}), Contains("what /v1/models takes is not known")
    );
    CHECK_THAT(wrong({.prompt = "a", .path = "\x1b[2J"}), Contains("\\u001b"));
    CHECK_THAT(
        wrong({.prompt = "a", .path = "/v1/embeddings", .stream = true}),
        Contains("cannot be streamed")
    );
    CHECK_THAT(wrong(body(R"({"stream":true})", "/v1/embeddings")), Contains("cannot be streamed"));
    CHECK_THAT(wrong({.messages = {{}}, .path = "/v1/completions"}), Contains("takes a `prompt`"));
    CHECK_THAT(
        wrong({.prompt = "a", .path = "/v1/embeddings", .max_tokens = 1}), Contains("neither")
    );
    CHECK_THAT(
        wrong({.prompt = "a", .temperature = std::numeric_limits<double>::quiet_NaN()}),
        Contains("temperature")
    );
    CHECK_THAT(wrong({.prompt = "a", .max_tokens = -1}), Contains("max_tokens"));
}

TEST_CASE("The model comes first in a body: the usual model, or else the request's.", "[dialect]") {
    const auto text = [](const Request& request, std::string_view usual) {
        const auto prepared = prepare(request, usual);
        REQUIRE(prepared.has_value());
        REQUIRE_FALSE(json::parse(prepared->body).error());
        return prepared->body;
    };
    CHECK(text({.body = R"({"a":1,"model":"own"})"}, "") == R"({"model":"own","a":1})");
    CHECK(text({.body = R"({"a":1,"model":"own"})"}, "m") == R"({"model":"m","a":1})");
    CHECK(text({.body = R"({"a":1})"}, "") == R"({"a":1})");
    CHECK(text({.body = R"({"a":1})"}, "m\"\n") == R"({"model":"m\"\n","a":1})");
    CHECK(text({.body = "{}"}, "") == "{}");
    CHECK(text({.body = "{}"}, "m") == R"({"model":"m"})");
    CHECK(text({.body = R"({"stream":true})"}, "m").starts_with(R"({"model":"m","stream":true,)"));
    CHECK(text({.prompt = "p", .path = "/v1/completions"}, "") == R"({"prompt":"p"})");
    CHECK(
        text({.prompt = "p", .path = "/v1/completions", .model = "own"}, "") ==
        R"({"model":"own","prompt":"p"})"
    );
}
