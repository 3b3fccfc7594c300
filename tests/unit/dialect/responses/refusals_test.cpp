// What Responses cannot be asked for is refused by name, before anything is sent.
#include "unit/dialect/responses/ask.hpp"

using namespace skein;
using namespace skein::responses_test;
using Catch::Contains;

namespace {

std::string refusal_of_part(const std::string& part, const std::string& role = "user") {
    return refusal(
        R"({"model":"m","messages":[{"role":")" + role +
        R"(","content":[{"type":"text","text":"a"},)" + part + "]}]}"
    );
}

}  // namespace

TEST_CASE("Each member that Responses has no word for is refused by its name.", "[dialect]") {
    struct Row {
        const char* member;
        const char* name;
    };
    const auto row = GENERATE(
        Row{R"("stop":"END")", "`stop`"},
        Row{R"("stop":["a","b"])", "`stop`"},
        Row{R"("n":2)", "`n` other than 1"},
        Row{R"("seed":7)", "`seed`"},
        Row{R"("top_k":40)", "`top_k`"},
        Row{R"("frequency_penalty":0.5)", "`frequency_penalty`"},
        Row{R"("presence_penalty":-1)", "`presence_penalty`"},
        Row{R"("logit_bias":{"1":2})", "`logit_bias`"},
        Row{R"("audio":{"voice":"a"})", "`audio`"},
        Row{R"("modalities":["audio"])", "`modalities`"},
        Row{R"("background":true)", "`background`"},
        Row{R"("conversation":"c")", "`conversation`"},
        Row{R"("previous_response_id":"resp_1")", "`previous_response_id`"},
        Row{R"("functions":[])", "`functions`"},
        Row{R"("store":1)", "`store` that is neither true nor false"},
        Row{R"("logprobs":1)", "`logprobs` that is neither true nor false"},
        Row{R"("top_logprobs":"3")", "`top_logprobs` that is no number from 0 on"},
        Row{R"("top_logprobs":-1)", "`top_logprobs` that is no number from 0 on"},
        Row{R"("reasoning_effort":3)", "`reasoning_effort` that is no text"},
        Row{R"("verbosity":3)", "`verbosity` that is no text"},
        Row{R"("user":7)", "`user` that is no text"},
        Row{R"("safety_identifier":[])", "`safety_identifier` that is no text"},
        Row{R"("new\u0007":1)", "`new\\u0007`"}
    );
    CHECK(
        refusal(with(row.member)) == "responses cannot be asked for " + std::string{row.name} +
                                         "; take it out, or list it in drop"
    );
}

TEST_CASE("A member that the endpoint drops is not refused for Responses.", "[dialect]") {
    const auto body = with(R"("seed":7,"n":2,"stop":"x")");
    CHECK(refusal(body, {.drop = {"seed", "n", "stop"}}) == "");
    CHECK(refusal(body, {.drop = {"seed", "n"}}) != "");
}

TEST_CASE("Parts that Responses does not take are refused by their place.", "[dialect]") {
    const std::string place = "messages[0].content[1] ";
    const std::string image = R"({"type":"image_url","image_url":{"url":"https://host/a"}})";
    CHECK(
        refusal_of_part(R"({"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}})") ==
        place + "is audio, which responses does not take"
    );
    CHECK(
        refusal_of_part(R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})") ==
        place + "has neither a data: address nor an https: address"
    );
    CHECK(
        refusal_of_part(R"({"type":"file","file":{"file_data":"R8OkbnNl"}})") ==
        place + "has neither a data: address nor an https: address"
    );
    CHECK(refusal_of_part(image) == "");
    CHECK(refusal_of_part(image, "system") == place + "is no text; a system message has only text");
    CHECK(
        refusal_of_part(image, "assistant") ==
        place + "is no text; an assistant's message has only text"
    );
    CHECK_THAT(
        refusal_of_part(R"({"type":"input_video","input_video":{}})"),
        Contains("messages[0].content[1]") && Contains("input_video")
    );
}
