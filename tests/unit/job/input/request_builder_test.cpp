#include "job/input/request_builder.hpp"

#include "dialect/request/request_writer.hpp"
#include "job/input/batch_row.hpp"
#include "json/text.hpp"
#include "support/catch.hpp"
#include "unit/job/file/scratch.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace skein;
using namespace skein::job;
using Format = Input::Format;

namespace {

BuiltRequest ask(
    std::string_view bytes,
    Format format = Format::openai_batch,
    std::string_view request = {},
    std::string_view usual_model = {}
) {
    auto builder = RequestBuilder::make(request, format, {}, usual_model);
    REQUIRE(ok(builder));
    return builder->ask({.line = 7, .bytes = bytes});
}

std::string why(const BuiltRequest& asked) {
    REQUIRE(!asked.request);
    CHECK(asked.request.error().kind == FaultKind::bad_input);
    return asked.request.error().detail;
}

std::string line(std::string_view url, std::string_view more = {}) {
    return R"({"custom_id":"a","method":"POST","url":")" + std::string{url} +
           R"(","body":{"model":"m"})" + std::string{more} + "}";
}

}  // namespace

TEST_CASE("The body of a whole request is sent byte for byte.", "[job]") {
    const auto asked = ask(
        R"({"custom_id":"\u0061\n","method":"POST","url":"/v1/embeddings","body": { "x" :1.50, "y":"\u00e9é" } })"
    );
    CHECK(asked.custom_id == "a\n");
    REQUIRE(ok(asked.request));
    CHECK(asked.request->path == "/v1/embeddings");
    CHECK(asked.request->members() == R"("x":1.50,"y":"\u00e9é")");
}

TEST_CASE("An input line cannot choose the host or leave the base path of the endpoint.", "[job]") {
    for (const auto* url : {"https://evil.example/v1/chat/completions", "//evil.example/v1/x"}) {
        CHECK(why(ask(line(url))).find("which host") != std::string::npos);
    }
    for (const auto* url :
         {"", "/", "/v1/../x", "/v1/%2E./x", "/v1/a b", "/v1/a\\b", "/v1/\\u0000"}) {
        INFO(url);
        CHECK(why(ask(line(url))).find("must be a path such as") != std::string::npos);
    }
}

TEST_CASE("The path of a known operation is the same in every vendor's spelling.", "[job]") {
    for (const auto* url : {"/v1/chat/completions", "/chat/completions", "v1/chat/completions"}) {
        CHECK(ask(line(url)).request->path == "/v1/chat/completions");
    }
    CHECK(ask(line("/v4/chat/completions")).request->path == "/v4/chat/completions");
    CHECK(ask(line("/score")).request->path == "/score");
}

TEST_CASE("A row without a url gets the path that the members of its body imply.", "[job]") {
    const auto path = [](std::string_view body) {
        const auto asked = ask(R"({"custom_id":"a","body":)" + std::string{body} + "}");
        return asked.request ? std::string{asked.request->path.view()} : why(asked);
    };
    CHECK(path(R"({"messages":[]})") == "/v1/chat/completions");
    CHECK(path(R"({"prompt":"x","suffix":"y"})") == "/v1/completions");
    CHECK(path(R"({"input":["x"]})") == "/v1/embeddings");
    CHECK(path(R"({"query":"x","documents":[]})") == "/v1/rerank");
    CHECK(path(R"({"x":1})").find("has no `url`, such as /v1/chat") != std::string::npos);
}

TEST_CASE("A request of an unknown operation is sent unchanged and never as a stream.", "[job]") {
    const auto asked = ask(
        R"({"url":"/v1/responses","body":{"model":"m","input":[{"n":0}],"n":0,"max_output_tokens":9}})"
    );
    REQUIRE(ok(asked.request));
    CHECK(asked.custom_id == "line-7");
    CHECK(asked.request->body == R"({"model":"m","input":[{"n":0}],"n":0,"max_output_tokens":9})");
    CHECK(asked.request->max_answered == 9);
    CHECK(
        why(ask(R"({"custom_id":"a","url":"/v1/responses","body":{"stream":true}})"))
            .find("leave `stream` out") != std::string::npos
    );
}

TEST_CASE("A whole request that lacks a member fails with the number of its line.", "[job]") {
    const std::string rest = R"("url":"/v1/completions","body":{}})";
    CHECK(ask("{" + rest).custom_id == "line-7");
    CHECK(ask(R"({"custom_id":12,)" + rest).custom_id == "12");
    CHECK(why(ask(R"({"custom_id":[],)" + rest)).find("custom_id") != std::string::npos);
    CHECK(ask(R"({"custom_id":null,)" + rest).custom_id == "line-7");
    CHECK(
        why(ask(R"({"custom_id":"a","method":"GET",)" + rest)) ==
        "input line 7: `method` must be POST, or left out, not `GET`"
    );
    CHECK(ok(ask(R"({"custom_id":"a","method":"post",)" + rest).request));
    CHECK(
        why(ask(R"({"custom_id":"a","method":1,)" + rest)).find("`method` must be a text") !=
        std::string::npos
    );
    CHECK(ok(ask(R"({"custom_id":"a",)" + rest).request));
    const auto no_body = ask(R"({"custom_id":"a","url":"/v1/completions","body":"text"})");
    CHECK(no_body.custom_id == "a");
    CHECK(why(no_body).find("`body`") != std::string::npos);
}

TEST_CASE("A line that is not JSON fails alone, with the reason as its fault.", "[job]") {
    CHECK(why(ask("not json")) == "input line 7: it is not valid JSON");
    CHECK(why(ask("[1]")) == "input line 7: it is not a JSON object");
    CHECK(
        why(ask("{\"a\":\"\xFF\"}")) ==
        "input line 7: it is not valid UTF-8: column 7: the byte 0xFF is not UTF-8; if "
        "`{\"a\":\"ÿ\"}` is right, set input.encoding: windows-1252, else to what the file is "
        "(iconv -l)"
    );
    CHECK(why(ask(R"({"custom_id":"a")")).find("line 7") != std::string::npos);
    CHECK(ask(R"({"custom_id":"a")").custom_id == "line-7");
    const auto deep = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
    CHECK(why(ask(deep)).find("deep") != std::string::npos);
    auto builder = RequestBuilder::make("", Format::openai_batch, {});
    CHECK(
        why(builder->ask({.line = 3, .problem = "it is longer than 64 MB"})) ==
        "input line 3: it is longer than 64 MB"
    );
}

TEST_CASE(
    "A whole request that is cut at any position fails as a row, and nothing worse happens.",
    "[job]"
) {
    const auto whole = line("/v1/completions", R"(,"x":["\u00e9",{"y":-1.5e3}])");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        REQUIRE(!ask(std::string_view{whole}.substr(0, length)).request);
    }
    REQUIRE(ok(ask(whole).request));
}

TEST_CASE(
    "A row that is no whole request fills the template, whose members decide the path.", "[job]"
) {
    const auto asked =
        ask(R"({"q":"why?"})", Format::jsonl, R"({"messages":[{"content":"{{ q }}"}]})");
    CHECK(asked.custom_id == "line-7");
    REQUIRE(ok(asked.request));
    CHECK(asked.request->path == "/v1/chat/completions");
    CHECK(asked.request->members() == R"("messages":[{"content":"why?"}])");
    CHECK(
        ask(R"({"q":"w"})", Format::jsonl, R"({"prompt":"{{ q }}"})").request->path ==
        "/v1/completions"
    );
    CHECK(
        ask(R"({"q":"w"})", Format::jsonl, R"({"input":"{{ q }}"})").request->path ==
        "/v1/embeddings"
    );
    CHECK(ask(R"({"custom_id":"mine","q":"w"})", Format::jsonl, "{}").custom_id == "mine");
    CHECK(ask(R"({"custom_id":5,"q":"w"})", Format::jsonl, "{}").custom_id == "5");
    CHECK(
        why(ask("{}", Format::jsonl, R"({"input":"{{ q }}"})")) ==
        "input line 7: it has no field `q`; it has: none; braces to be sent are written {{ '{{' }}"
    );
}

TEST_CASE(
    "A compiled template gives each row the same request as preparing it separately.", "[job]"
) {
    constexpr std::array templates{
        R"({"messages":[{"role":"user","content":"{{ q }}"}]})",
        R"({"model":"m","messages":[{"content":"a {{ q }} b {{ r }}"}],"stream":true})",
        R"({"n":3,"stream":true,"stream_options":{},"max_tokens":12,"messages":["{{ q }}"]})",
        R"({ "prompt" : ["{{ q }}", "{{ r }}"] , "max_tokens" : 9223372036854775807 })",
        R"({"input":"{{ q }}","encoding_format":"float"})",
        "{\n  \"messages\": [\n    {\"content\": \"{{ q }}\"}\n  ]\n}",
        R"({"m\u0065ssages":["{{ q }}"],"messages":[]})",
        R"({"messages":["{{ q }}"],"stream":true,"stream_options":null})",
        R"({"messages":["{{ '{{' }} q }} {{ q }} {{ r | default('none') }}"]})",
        R"({"query":"{{ q }}","documents":["{{ r | json }}"]})",
        R"({"messages":["{{ q }}"],"user":"{{ r }}"})",
        R"({"messages":["{{ q }}"],"model":"{{ r }}"})",
        R"({"messages":["{{ q }}"],"n":"{{ r | json }}"})",
        R"({"messages":["{{ q }}"],"stream":"{{ r | json }}"})",
        R"({"prompt":"{{ r | json }}"})",
        R"({"messages":["{{ q }}"],"n":0})",
        R"({"messages":["{{ q }}"],"model":5})",
        R"({"messages":["{{ q }}"],"model":"\u007b\u007b r }}"})",
        "{}",
    };
    constexpr std::array rows{
        R"({"q":"why?","r":"\u00e9\n\"}{"})",
        R"({"q":12.50,"r":4})",
        R"({"q":{"a":[1, 2]},"r":[1,[2]]})",
        R"({"q":null,"r":true})",
        R"({"q":""})",
    };
    for (const std::string_view request : templates) {
        const auto alone = *Template::compile(request);
        for (const std::string_view row : rows) {
            const std::string_view usual = row.size() % 2 == 0 ? "" : "us\"ual {{ q }}";
            INFO(request << " and " << row << " for " << usual);
            json::Object object;
            REQUIRE_FALSE(object.parse(row));
            Request whole;
            const auto path = path_for(alone.members());
            if (!path.empty()) whole.path = path;
            const auto lacks = alone.fill(object, whole.body);
            const auto asked = ask(row, Format::jsonl, request, usual);
            const auto expected = prepare(whole, usual);
            REQUIRE(asked.request.has_value() == (!lacks && expected));
            if (!asked.request) continue;
            CHECK(asked.request->path == expected->path);
            CHECK(asked.request->body == expected->body);
            CHECK(asked.request->members() == expected->members());
            CHECK(asked.request->model == expected->model);
            CHECK(asked.request->stream == expected->stream);
            CHECK(asked.request->choices == expected->choices);
            CHECK(asked.request->prompt_tokens == expected->prompt_tokens);
            CHECK(asked.request->tokens == expected->tokens);
        }
    }
}

TEST_CASE(
    "A template is compiled only if its placeholders are in the texts of free members.", "[job]"
) {
    const auto is_pattern = [](std::string_view request) {
        return CompiledTemplate::make("/v1/chat/completions", request).has_value();
    };
    CHECK(is_pattern(R"({"messages":[{"content":"{{ q }}"}],"seed":1})"));
    CHECK(is_pattern(R"({"messages":[{"content":"{{ q }} {{ r }}"}],"stream":true})"));
    CHECK_FALSE(is_pattern(R"({"messages":[{"content":"{{ q | json }}"}]})"));
    CHECK_FALSE(is_pattern(R"({"messages":["{{ q }}"],"model":"{{ r }}"})"));
    CHECK_FALSE(is_pattern(R"({"messages":["{{ q }}"],"n":0})"));
}

TEST_CASE("Rows that are no whole requests need a template that matches their fields.", "[job]") {
    const std::vector<std::string> fields{"text"};
    CHECK(!RequestBuilder::make("", Format::jsonl, {}));
    CHECK(!RequestBuilder::make(R"({"prompt":"{{ question }}"})", Format::text, fields));
    CHECK(!RequestBuilder::make(R"({"prompt":"{{ question }}"})", Format::csv, fields));
    CHECK(ok(RequestBuilder::make(R"({"prompt":"{{ question }}"})", Format::jsonl, {})));
    CHECK(ok(RequestBuilder::make(R"({"prompt":"{{ text }}"})", Format::text, fields)));
}

TEST_CASE("An object that skein wrote itself is read like any other object.", "[job]") {
    for (const std::string text :
         {"plain", "", "a \"quoted\" \\ word\\", "\xC3\xA9\xE2\x80\xA8", "tab\there", "}{,:"}) {
        std::string object = R"({"a\"b":)";
        json::append_string(object, text);
        object += R"(,"text":)";
        json::append_string(object, text);
        object += '}';
        json::Object parsed;
        json::Object taken;
        REQUIRE_FALSE(parsed.parse(object));
        taken.take(object);
        REQUIRE(taken.members().size() == parsed.members().size());
        for (std::size_t i = 0; i < 2; ++i) {
            CHECK(taken.members()[i].name == parsed.members()[i].name);
            CHECK(taken.members()[i].value == parsed.members()[i].value);
        }
        CHECK(json::said(*taken.find("text")) == text);
    }
}
