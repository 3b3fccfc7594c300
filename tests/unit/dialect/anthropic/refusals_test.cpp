// What Anthropic cannot be asked for is refused by name, before anything is sent.
#include "unit/dialect/anthropic/chat.hpp"

using namespace skein;
using namespace skein::test;
using Catch::Contains;

namespace {

std::string refused(const std::string& more) {
    return "anthropic cannot be asked for " + more + "; take it out, or list it in drop";
}

std::string refusal_of_messages(const std::string& messages) {
    return refusal(R"({"model":"m","max_tokens":1,"messages":[)" + messages + "]}");
}

std::string refusal_of_part(const std::string& part) {
    return refusal_of_messages(
        R"({"role":"user","content":[{"type":"text","text":"a"},)" + part + "]}"
    );
}

}  // namespace

TEST_CASE("Each member that Anthropic has no word for is refused by its name.", "[dialect]") {
    struct Row {
        const char* member;
        const char* name;
    };
    const auto row = GENERATE(
        Row{R"("n":2)", "`n` other than 1"},
        Row{R"("seed":7)", "`seed`"},
        Row{R"("frequency_penalty":0.5)", "`frequency_penalty`"},
        Row{R"("presence_penalty":-1)", "`presence_penalty`"},
        Row{R"("logit_bias":{"1":2})", "`logit_bias`"},
        Row{R"("logprobs":true)", "`logprobs`"},
        Row{R"("top_logprobs":3)", "`top_logprobs`"},
        Row{R"("response_format":{"type":"json_object"})", "`response_format` of type json_object"},
        Row{R"("reasoning_effort":"minimal")",
            "`reasoning_effort` other than none, low, medium, high, xhigh and max"},
        Row{R"("reasoning_effort":3)",
            "`reasoning_effort` other than none, low, medium, high, xhigh and max"},
        Row{R"("verbosity":"low")", "`verbosity`"},
        Row{R"("metadata":{"a":"b"})", "`metadata`"},
        Row{R"("service_tier":"flex")", "`service_tier` other than auto and default"},
        Row{R"("prompt_cache_key":"k")", "`prompt_cache_key`"},
        Row{R"("prompt_cache_retention":"24h")", "`prompt_cache_retention`"},
        Row{R"("user":7)", "`user` that is no text"},
        Row{R"("safety_identifier":[])", "`safety_identifier` that is no text"},
        Row{R"("functions":[])", "`functions`"},
        Row{R"("best_of":1)", "`best_of`"}
    );
    CHECK(refusal(with(row.member)) == refused(row.name));
}

TEST_CASE("A member that the endpoint drops is not refused.", "[dialect]") {
    const auto body = with(R"("seed":7,"n":2,"response_format":{"type":"json_object"})");
    CHECK(refusal(body, {.drop = {"seed", "n", "response_format"}}) == "");
    CHECK(refusal(body, {.drop = {"seed", "n"}}) != "");
}

TEST_CASE(
    "Sampling members are refused from Anthropic's version of October 2026 on.", "[dialect]"
) {
    for (const std::string name : {"temperature", "top_p", "top_k"}) {
        const auto body = with('"' + name + "\":1");
        CHECK(refusal(body) == "");
        CHECK(refusal(body, {.api_version = "2026-10-20"}) == "");
        for (const std::string version : {"2026-10-21", "2027-01-01"}) {
            CHECK(
                refusal(body, {.api_version = version}) ==
                refused('`' + name + "` in its version " + version)
            );
        }
    }
}

TEST_CASE("A chat without any limit of its answer is refused for Anthropic.", "[dialect]") {
    const std::string body = R"({"messages":[{"role":"user","content":"hi"}]})";
    CHECK(
        refusal(body) ==
        "anthropic needs max_tokens: set it in the request, or max_tokens of the endpoint"
    );
    CHECK(refusal(body, {.max_tokens = 1}) == "");
    CHECK(refusal(with("")) == "");
    // The request's own limit is dropped.
    CHECK(refusal(with(""), {.drop = {"max_tokens"}}) != "");
}

TEST_CASE("A message that has nothing left without its empty texts is refused.", "[dialect]") {
    const std::string hi = R"({"role":"user","content":"hi"},)";
    const std::string empty = "messages[1] is empty, which anthropic does not take";
    CHECK(refusal_of_messages(hi + R"({"role":"assistant","content":""})") == empty);
    CHECK(
        refusal_of_messages(
            hi +
            R"({"role":"user","content":[{"type":"text","text":""},{"type":"text","text":""}]})"
        ) == empty
    );
    CHECK(refusal_of_messages(hi + R"({"role":"assistant","content":null})") == empty);
    CHECK(refusal_of_messages(hi + R"({"role":"tool","tool_call_id":"t","content":""})") == "");
}

TEST_CASE(
    "Parts of a message that Anthropic does not take are refused by their place.", "[dialect]"
) {
    struct Row {
        const char* part;
        const char* why;
    };
    const auto row = GENERATE(
        Row{R"({"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}})",
            "is audio, which anthropic does not take"},
        Row{R"({"type":"image_url","image_url":{"url":"data:image/tiff;base64,AA=="}})",
            "is an image of type `image/tiff`; anthropic takes jpeg, png, gif and webp"},
        Row{R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})",
            "has neither a data: address nor an https: address"},
        Row{R"({"type":"file","file":{"file_data":"data:application/zip;base64,AA=="}})",
            "is a file of type `application/zip`; anthropic takes application/pdf and text"},
        Row{R"({"type":"file","file":{"file_data":"data:text/plain;base64,/w=="}})",
            "is a file whose data is not text in base64"},
        Row{R"({"type":"file","file":{"file_data":"data:text/plain;base64,A"}})",
            "is a file whose data is not text in base64"},
        Row{R"({"type":"file","file":{"file_data":"data:text/plain;base64,AA-="}})",
            "is a file whose data is not text in base64"},
        Row{R"({"type":"file","file":{"file_data":"R8OkbnNl"}})",
            "has neither a data: address nor an https: address"}
    );
    CHECK(refusal_of_part(row.part) == "messages[0].content[1] " + std::string{row.why});
}

TEST_CASE("A system message with an image is refused for Anthropic.", "[dialect]") {
    CHECK(
        refusal_of_messages(
            R"({"role":"system","content":[{"type":"image_url","image_url":{"url":"https://host/a"}}]})"
        ) == "messages[0].content[0] is no text; a system message has only text"
    );
}

TEST_CASE("The arguments of a call must be a JSON object for Anthropic.", "[dialect]") {
    const auto refusal_of_arguments = [](const std::string& arguments) {
        return refusal_of_messages(
            R"({"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":")" +
            arguments + R"("}}]})"
        );
    };
    for (const auto* arguments : {R"({\"a\":)", "[]", "7", "x", " ", R"({} {})"}) {
        INFO(arguments);
        CHECK(
            refusal_of_arguments(arguments) ==
            "messages[0].tool_calls[0] has arguments that are no JSON object, which anthropic "
            "demands"
        );
    }
    CHECK(refusal_of_arguments("") == "");
    CHECK(refusal_of_arguments(R"({\"a\":{\"b\":[1]}})") == "");
    CHECK(refusal_of_arguments(R"({\"a\":)" + std::string(100'000, '[')) != "");
}

TEST_CASE("What cannot be taken apart is refused with its place.", "[dialect]") {
    CHECK_THAT(
        refusal_of_part(R"({"type":"input_video","input_video":{}})"),
        Contains("messages[0].content[1]") && Contains("input_video")
    );
}
