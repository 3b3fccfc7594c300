// What Gemini cannot be asked for is refused by its name, before anything is sent.
#include "support/catch.hpp"
#include "unit/dialect/gemini/ask.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace skein;
using namespace skein::test;

namespace {

std::string refused(std::string_view what) {
    return "gemini cannot be asked for " + std::string{what} + "; take it out, or list it in drop";
}

}  // namespace

TEST_CASE("A member of a chat that Gemini does not have is refused by its name.", "[gemini]") {
    for (const std::string name :
         {"logit_bias",
          "verbosity",
          "user",
          "safety_identifier",
          "metadata",
          "prompt_cache_key",
          "prompt_cache_retention",
          "functions",
          "min_p",
          "guided_json"}) {
        INFO(name);
        const auto request = chat_with('"' + name + R"(":{"a":1})");
        CHECK(refusal_of(request) == refused('`' + name + '`'));
        auto endpoint = gemini_endpoint();
        endpoint.drop = {"seed", name};
        CHECK(refusal_of(request, endpoint).empty());
        CHECK(body_sent(request, endpoint) == body_sent(chat_with("")));
    }
}

TEST_CASE("A value of a member that Gemini does not have is refused with the name.", "[gemini]") {
    for (const auto& [given, what] : std::vector<std::pair<std::string, std::string>>{
             {R"("reasoning_effort":"xhigh")", "`reasoning_effort` `xhigh`"},
             {R"("reasoning_effort":3)", "`reasoning_effort` `3`"},
             {R"("service_tier":"auto")", "`service_tier` `auto`"},
             {R"("service_tier":["flex"])", R"(`service_tier` `["flex"]`)"},
             {R"("parallel_tool_calls":false)", "`parallel_tool_calls` `false`"},
             {R"("logprobs":5)", "`logprobs` `5`"},
         }) {
        INFO(given);
        CHECK(refusal_of(chat_with(given)) == refused(what));
        auto endpoint = gemini_endpoint();
        endpoint.drop = {given.substr(1, given.find('"', 1) - 1)};
        CHECK(refusal_of(chat_with(given), endpoint).empty());
    }
}

TEST_CASE("A message that Gemini cannot be told is refused with its place.", "[gemini]") {
    const std::string user = R"({"role":"user","content":"u"},)";
    for (const auto& [given, reason] : std::vector<std::pair<std::string, std::string>>{
             {user + R"({"role":"system","content":"S"})",
              "messages[1] is one of the system behind others; gemini takes those in front only"},
             {user + R"({"role":"assistant","content":""})",
              "messages[1] holds nothing that gemini could be told"},
             {R"({"role":"system","content":[]},)" + user.substr(0, user.size() - 1),
              "messages[0] holds nothing that gemini could be told"},
             {R"({"role":"system","content":"S"})",
              "gemini cannot be asked without a message of the user"},
             {R"({"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]})",
              "messages[0] holds more than text, which gemini takes of a user only"},
             {user + R"({"role":"tool","tool_call_id":"x","content":"r"})",
              "messages[1] answers the call `x`, which no message before it makes"},
             {R"({"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"https://h/a.tiff"}}]})",
              "messages[0].content[1] has an address whose media type gemini cannot be told, "
              "because "
              "it does not end in .jpg, .jpeg, .png, .webp, .gif or .heic"},
             {R"({"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]})",
              "messages[0].content[0] has a file_id, which belongs to another maker than gemini's"},
             {R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:;base64,AA=="}}]})",
              "messages[0].content[0] has data without a media type"},
             {R"({"role":"user","content":[{"type":"input_video"}]})",
              "messages[0].content[0] is of type `input_video`, which cannot be said elsewhere"},
         }) {
        INFO(given);
        CHECK(refusal_of(chat_of(given)) == reason);
    }
}

TEST_CASE("Arguments of a call that are no JSON object are not sent to Gemini.", "[gemini]") {
    const std::string deep(100, '[');
    for (const std::string arguments : {"[1]", "7", "{\\\"a\\\":", "{} {}", deep.c_str()}) {
        INFO(arguments);
        const auto request = chat_of(
            R"({"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":")" +
            arguments + R"("}}]})"
        );
        CHECK(
            refusal_of(request) == "messages[1].tool_calls[1] has arguments that are no JSON object"
        );
    }
}

TEST_CASE("Gemini is asked for chats and embeddings only, and never without a model.", "[gemini]") {
    auto request = chat_with("");
    for (const auto operation : {Operation::completion, Operation::other}) {
        request.operation = operation;
        CHECK(refusal_of(request) == "gemini can only be asked for chats and embeddings");
    }
    request.operation = Operation::chat;
    const Endpoint without{.api = Api::gemini, .url = "https://h"};
    CHECK(refusal_of(request, without) == "gemini cannot be asked without a model");
    request.model = "mine";
    CHECK(refusal_of(request, without).empty());
}

TEST_CASE("The name of a model cannot lead Gemini's path to another place.", "[gemini]") {
    for (const std::string model :
         {"..", "../files/x", "models/../x", "a/./b", "a//b", "models/", "a/.."}) {
        INFO(model);
        auto endpoint = gemini_endpoint();
        endpoint.model = model;
        CHECK(
            refusal_of(chat_with(""), endpoint) == "gemini has no model of the name `" + model + '`'
        );
    }
}

TEST_CASE("What Gemini cannot embed is refused by its name.", "[gemini]") {
    const std::string no_text =
        "gemini can only be asked for embeddings of a text or of a list of texts; `input` is none";
    for (const auto& [given, reason] : std::vector<std::pair<std::string, std::string>>{
             {R"({"input":[1,2]})", no_text},
             {R"({"input":[[1],[2]]})", no_text},
             {R"({"input":["a",2]})", no_text},
             {R"({"input":[]})", no_text},
             {R"({"input":7})", no_text},
             {R"({"model":"m"})", "gemini cannot be asked for embeddings without `input`"},
             {R"({"input":"a","encoding_format":"base64"})", refused("`encoding_format` `base64`")},
             {R"({"input":"a","user":"u"})", refused("`user`")},
             {R"({"input":"a","input_type":"query"})", refused("`input_type`")},
         }) {
        INFO(given);
        CHECK(refusal_of(embedding_of(given)) == reason);
    }
    auto vertex = gemini_endpoint();
    vertex.url = "https://h/v1/projects/p/locations/l/publishers/google";
    CHECK(
        refusal_of(embedding_of(R"({"input":"a"})"), vertex) ==
        "gemini cannot be asked for embeddings on Vertex, which has another method for them"
    );
}
