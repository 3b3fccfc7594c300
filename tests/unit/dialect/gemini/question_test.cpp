// Golden bodies: a chat in the common form, and the bytes that Gemini gets for it.
#include "support/catch.hpp"
#include "unit/dialect/gemini/ask.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace skein;
using namespace skein::test;

namespace {

constexpr std::string_view hi = R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}])";

// The body of a chat with one message and these members.
std::string with(std::string_view rest) { return std::string{hi}.append(rest) + '}'; }

std::string contents(std::string_view elements) {
    return R"({"contents":[)" + std::string{elements} + "]}";
}

}  // namespace

TEST_CASE("A chat of Gemini has the members that Google's own client writes.", "[gemini]") {
    const auto request = prepared_chat(
        R"({"model":"m","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"find","arguments":"{ \"q\": \"dot\" }"}}]},{"role":"tool","tool_call_id":"t1","content":"a dot"}],)"
        R"("temperature":0,"top_p":0.9,"max_tokens":64,"stop":"END","seed":7,"n":1,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type": "object"}}},"reasoning_effort":"low","tools":[{"type":"function","function":{"name":"find","description":"Looks up","parameters":{"type": "object"}}}],"tool_choice":{"type":"function","function":{"name":"find"}},"stream":true,"stream_options":{"include_usage":true}})"
    );
    CHECK(
        body_sent(request) ==
        R"({"contents":[{"role":"user","parts":[{"text":"What is this?"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},{"role":"model","parts":[{"functionCall":{"name":"find","id":"t1","args":{"q":"dot"}}}]},{"role":"user","parts":[{"functionResponse":{"name":"find","id":"t1","response":{"output":"a dot"}}}]}],"systemInstruction":{"parts":[{"text":"Be terse."}]},)"
        R"("generationConfig":{"temperature":0,"topP":0.9,"seed":7,"candidateCount":1,"maxOutputTokens":64,"stopSequences":["END"],"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},"thinkingConfig":{"thinkingLevel":"LOW"}},"tools":[{"functionDeclarations":[{"name":"find","description":"Looks up","parametersJsonSchema":{"type":"object"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["find"]}}})"
    );
}

TEST_CASE("Each member of a chat is written in the words of Gemini.", "[gemini]") {
    for (const auto& [given, written] : std::vector<std::pair<std::string, std::string>>{
             {"", ""},
             {R"("temperature":0.70)", R"(,"generationConfig":{"temperature":0.7})"},
             {R"("top_k":40)", R"(,"generationConfig":{"topK":40})"},
             {R"("n":2)", R"(,"generationConfig":{"candidateCount":2})"},
             {R"("presence_penalty":-0.5)", R"(,"generationConfig":{"presencePenalty":-0.5})"},
             {R"("frequency_penalty":1)", R"(,"generationConfig":{"frequencyPenalty":1})"},
             {R"("max_completion_tokens":9)", R"(,"generationConfig":{"maxOutputTokens":9})"},
             {R"("stop":["a\n","b"])", R"(,"generationConfig":{"stopSequences":["a\n","b"]})"},
             {R"("logprobs":true,"top_logprobs":3)",
              R"(,"generationConfig":{"logprobs":3,"responseLogprobs":true})"},
             {R"("response_format":{"type":"json_object"})",
              R"(,"generationConfig":{"responseMimeType":"application/json"})"},
             {R"("reasoning_effort":"none")",
              R"(,"generationConfig":{"thinkingConfig":{"thinkingBudget":0}})"},
             {R"("reasoning_effort":"minimal")",
              R"(,"generationConfig":{"thinkingConfig":{"thinkingLevel":"MINIMAL"}})"},
             {R"("reasoning_effort":"medium")",
              R"(,"generationConfig":{"thinkingConfig":{"thinkingLevel":"MEDIUM"}})"},
             {R"("reasoning_effort":"high")",
              R"(,"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH"}})"},
             {R"("service_tier":"flex")", R"(,"serviceTier":"flex")"},
             {R"("tool_choice":"none")",
              R"(,"toolConfig":{"functionCallingConfig":{"mode":"NONE"}})"},
             {R"("tool_choice":"auto")",
              R"(,"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}})"},
             {R"("tool_choice":"required")",
              R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"},
             {R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g","description":"\"G\""}}])",
              R"(,"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g","description":"\"G\""}]}])"},
         }) {
        INFO(given);
        CHECK(body_sent(chat_with(given)) == with(written));
    }
}

TEST_CASE("Members of a chat that ask Gemini for nothing are left out.", "[gemini]") {
    for (const std::string given :
         {R"("logprobs":false)",
          R"("response_format":{"type":"text"})",
          R"("parallel_tool_calls":true)",
          R"("logit_bias":null)",
          R"("store":false)",
          R"("tools":[])",
          R"("stream":false)",
          R"("stream_options":{"include_usage":true})"}) {
        INFO(given);
        CHECK(body_sent(chat_with(given)) == with(""));
    }
}

TEST_CASE("The endpoint's max_tokens is for chats that set no limit for Gemini.", "[gemini]") {
    auto endpoint = gemini_endpoint();
    endpoint.max_tokens = 100;
    CHECK(
        body_sent(chat_with(""), endpoint) == with(R"(,"generationConfig":{"maxOutputTokens":100})")
    );
    CHECK(
        body_sent(chat_with(R"("max_tokens":5)"), endpoint) ==
        with(R"(,"generationConfig":{"maxOutputTokens":5})")
    );
}

TEST_CASE("Messages of one speaker in a row become one content of Gemini.", "[gemini]") {
    const auto request = chat_of(
        R"({"role":"system","content":"S"},{"role":"developer","content":[{"type":"text","text":"D"}]},{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"},{"role":"assistant","content":"d"},{"role":"user","content":"e"})"
    );
    CHECK(
        body_sent(request) ==
        R"({"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},{"role":"model","parts":[{"text":"c"},{"text":"d"}]},{"role":"user","parts":[{"text":"e"}]}],"systemInstruction":{"parts":[{"text":"S"},{"text":"D"}]}})"
    );
}

TEST_CASE(
    "Answers of tools are one content of Gemini, and have the names of their functions.", "[gemini]"
) {
    const auto request = chat_of(
        R"({"role":"user","content":"u"},{"role":"assistant","content":"I look.","tool_calls":[{"id":"a","function":{"name":"f","arguments":""}},{"id":"b","function":{"name":"g","arguments":"{\"x\":[1,2.50]}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]},{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"two"}]},{"role":"tool","tool_call_id":"a","content":""})"
    );
    CHECK(
        body_sent(request) ==
        contents(
            R"({"role":"user","parts":[{"text":"u"}]},{"role":"model","parts":[{"text":"I look."},{"functionCall":{"name":"f","id":"a","args":{}}},{"functionCall":{"name":"g","id":"b","args":{"x":[1,2.5]}},"thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"functionResponse":{"name":"g","id":"b","response":{"output":"two"}}},{"functionResponse":{"name":"f","id":"a","response":{"output":""}}}]})"
        )
    );
}

TEST_CASE("Images, sounds and files are parts of a content of Gemini.", "[gemini]") {
    for (const auto& [given, written] : std::vector<std::pair<std::string, std::string>>{
             {R"({"type":"image_url","image_url":{"url":"https://h/a.JPG?size=9","detail":"low"}})",
              R"({"fileData":{"mimeType":"image/jpeg","fileUri":"https://h/a.JPG?size=9"}})"},
             {R"({"type":"image_url","image_url":{"url":"https://h/a.jpeg"}})",
              R"({"fileData":{"mimeType":"image/jpeg","fileUri":"https://h/a.jpeg"}})"},
             {R"({"type":"image_url","image_url":{"url":"https://h/a.png"}})",
              R"({"fileData":{"mimeType":"image/png","fileUri":"https://h/a.png"}})"},
             {R"({"type":"image_url","image_url":{"url":"https://h/a.webp"}})",
              R"({"fileData":{"mimeType":"image/webp","fileUri":"https://h/a.webp"}})"},
             {R"({"type":"image_url","image_url":{"url":"https://h/a.gif"}})",
              R"({"fileData":{"mimeType":"image/gif","fileUri":"https://h/a.gif"}})"},
             {R"({"type":"image_url","image_url":{"url":"https://h/a.heic"}})",
              R"({"fileData":{"mimeType":"image/heic","fileUri":"https://h/a.heic"}})"},
             {R"({"type":"input_audio","input_audio":{"data":"AA==","format":"mp3"}})",
              R"({"inlineData":{"mimeType":"audio/mp3","data":"AA=="}})"},
             {R"({"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}})",
              R"({"inlineData":{"mimeType":"audio/wav","data":"AA=="}})"},
             {R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}})",
              R"({"inlineData":{"mimeType":"application/pdf","data":"AA=="}})"},
         }) {
        INFO(given);
        CHECK(
            body_sent(chat_of(R"({"role":"user","content":[)" + given + "]}")) ==
            contents(R"({"role":"user","parts":[)" + written + "]}")
        );
    }
}

TEST_CASE("Foreign text is escaped in the body for Gemini.", "[gemini]") {
    CHECK(
        body_sent(chat_of(R"({"role":"user","content":"\"}\\\u2028\u0001"})")) ==
        contents(R"({"role":"user","parts":[{"text":"\"}\\\u2028\u0001"}]})")
    );
}
