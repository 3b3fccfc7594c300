// Whole answers of Gemini, read as an attempt reads them.
#include "support/catch.hpp"
#include "unit/dialect/gemini/read_gemini.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace skein;
using namespace skein::test;
using Catch::Matchers::Contains;

namespace {

std::string body_of(const std::string& answer) { return completion_of(gemini_said(answer)).body; }

Usage usage_of(const std::string& counts) {
    const auto completion = completion_of(gemini_said(
        R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":)" +
        counts + '}'
    ));
    return completion.usage.value_or(Usage{-1, -1});
}

bool counts(const Usage& usage, std::int64_t input, std::int64_t output) {
    return usage.input_tokens == input && usage.output_tokens == output;
}

}  // namespace

TEST_CASE(
    "An answer of Gemini becomes a chat.completion with reasoning, reason and usage.", "[gemini]"
) {
    const auto completion = completion_of(gemini_said(
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"A "},{"executableCode":{"code":"1"}},{"text":"dot."}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":27},"modelVersion":"m-001","responseId":"r1"})"
    ));
    CHECK(completion.text == "A dot.");
    CHECK(completion.finish_reason == "stop");
    CHECK(completion.model == "m-001");
    CHECK_FALSE(completion.model_mismatch);
    CHECK(completion.note.empty());
    CHECK(
        completion.body ==
        R"({"id":"r1","object":"chat.completion","model":"m-001","choices":[{"index":0,"message":{"role":"assistant","content":"A dot.","reasoning_content":"hm"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":7,"total_tokens":27,"completion_tokens_details":{"reasoning_tokens":4}}})"
    );
}

TEST_CASE("Calls of functions by Gemini become tool_calls with ids and signatures.", "[gemini]") {
    CHECK(
        body_of(candidate_of(
            R"({"functionCall":{"name":"f","args":{ "q" : "a\"b" }},"thoughtSignature":"c2ln"},{"functionCall":{"id":"x9","name":"g"}},{"functionCall":{"name":"h","args":{}}})",
            "STOP"
        )) ==
        R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"call_0","type":"function","function":{"name":"f","arguments":"{\"q\":\"a\\\"b\"}"},"extra_content":{"google":{"thought_signature":"c2ln"}}},{"id":"x9","type":"function","function":{"name":"g","arguments":"{}"}},{"id":"call_2","type":"function","function":{"name":"h","arguments":"{}"}}]},"native_finish_reason":"STOP","finish_reason":"tool_calls"}]})"
    );
}

TEST_CASE("Each finishReason of Gemini has its meaning in the common form.", "[gemini]") {
    for (const auto& [native, common] : std::vector<std::pair<std::string, std::string>>{
             {"STOP", "stop"},
             {"MAX_TOKENS", "length"},
             {"SAFETY", "content_filter"},
             {"RECITATION", "content_filter"},
             {"LANGUAGE", "content_filter"},
             {"BLOCKLIST", "content_filter"},
             {"PROHIBITED_CONTENT", "content_filter"},
             {"SPII", "content_filter"},
             {"IMAGE_SAFETY", "content_filter"},
             {"IMAGE_PROHIBITED_CONTENT", "content_filter"},
             {"IMAGE_RECITATION", "content_filter"},
             {"CONTINUATION", "paused"},
             {"OTHER", "OTHER"},
             {"NO_IMAGE", "NO_IMAGE"},
             {"IMAGE_OTHER", "IMAGE_OTHER"},
             {"FUNCTION_CALL", "FUNCTION_CALL"},
         }) {
        INFO(native);
        const auto answer = candidate_of(R"({"text":"x"})", native);
        const auto plain = completion_of(gemini_said(answer));
        CHECK(plain.finish_reason == common);
        const bool is_renamed = native != common && native != "STOP";
        CHECK(
            (plain.body.find(R"("native_finish_reason":")" + native + '"') != std::string::npos) ==
            is_renamed
        );
        CHECK(seen(gemini_streamed({answer})) == seen(gemini_said(answer)));
    }
}

TEST_CASE("A finishReason of Gemini for a call that went wrong is a fault.", "[gemini]") {
    for (const std::string native :
         {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}) {
        INFO(native);
        const auto answer = candidate_of("", native);
        for (const auto& outcome : {gemini_said(answer), gemini_streamed({answer})}) {
            CHECK(fault_of(outcome).kind == FaultKind::server_error);
            CHECK_THAT(fault_of(outcome).detail, Contains("finish_reason is `" + native + '`'));
        }
    }
}

TEST_CASE(
    "A candidate of Gemini without content or parts is an answer with empty text.", "[gemini]"
) {
    for (const std::string content :
         {"", R"(,"content":{})", R"(,"content":{"role":"model"})", R"(,"content":{"parts":[]})"}) {
        INFO(content);
        const auto completion = completion_of(
            gemini_said(R"({"candidates":[{"finishReason":"MAX_TOKENS")" + content + "}]}")
        );
        CHECK(completion.text.empty());
        CHECK(completion.finish_reason == "length");
        CHECK_THAT(completion.body, Contains(R"("content":"")"));
    }
}

TEST_CASE("A candidate of Gemini that says nothing at all is no answer.", "[gemini]") {
    for (const std::string answer :
         {R"({"candidates":[{}]})",
          R"({"candidates":[7]})",
          R"({"candidates":[]})",
          R"({"candidates":7})",
          R"({"usageMetadata":{"promptTokenCount":1}})",
          R"({"promptFeedback":{}})",
          R"({"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}})",
          R"({"promptFeedback":{"blockReason":"BLOCKED_REASON_UNSPECIFIED"}})",
          R"([{"candidates":[{"finishReason":"STOP"}]}])",
          "{}"}) {
        INFO(answer);
        CHECK(fault_of(gemini_said(answer)).kind == FaultKind::bad_response);
    }
}

TEST_CASE("More candidates than anybody asks for are no answer of Gemini.", "[gemini]") {
    std::string answer = R"({"candidates":[{"finishReason":"STOP"})";
    for (int i = 0; i < 2000; ++i) answer += R"(,{"finishReason":"STOP"})";
    answer += "]}";
    CHECK(fault_of(gemini_said(answer)).kind == FaultKind::bad_response);
    CHECK(fault_of(gemini_streamed({answer})).kind == FaultKind::incomplete_stream);
}

TEST_CASE("A prompt that Gemini blocked is a request that it rejected.", "[gemini]") {
    const std::string blocked =
        R"({"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"Not \"this\"."},"usageMetadata":{"promptTokenCount":4}})";
    for (const auto& outcome : {gemini_said(blocked), gemini_streamed({blocked})}) {
        const auto fault = fault_of(outcome);
        CHECK(fault.kind == FaultKind::filtered);
        CHECK(fault.remote_message == R"(the prompt was blocked: SAFETY, Not "this".)");
        CHECK_THAT(fault.detail, Contains("content_filter"));
        CHECK_THAT(fault.body, Contains("blockReason") || Contains("blocked"));
    }
    const auto fault = fault_of(gemini_said(R"({"promptFeedback":{"blockReason":"JAILBREAK"}})"));
    CHECK(fault.remote_message == "the prompt was blocked: JAILBREAK");
}

TEST_CASE("Text that is not Unicode in an answer of Gemini is mended.", "[gemini]") {
    CHECK(
        completion_of(
            gemini_said("\xEF\xBB\xBF" + candidate_of("{\"text\":\"a\\ud800\xFF\"}", "STOP"))
        )
            .text == "a\xEF\xBF\xBD\xEF\xBF\xBD"
    );
}

TEST_CASE("An error of Gemini with status 200 is read as any error.", "[gemini]") {
    const auto fault = fault_of(gemini_said(
        R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})"
    ));
    CHECK(fault.kind == FaultKind::overloaded);
    CHECK(fault.remote_message == "The model is overloaded.");
}

TEST_CASE("Several candidates of Gemini are several choices.", "[gemini]") {
    auto request = asked();
    request.choices = 2;
    const auto completion = completion_of(read_answer(
        request,
        {},
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP","index":1}]})",
        {},
        asked_of_gemini()
    ));
    CHECK(completion.text == "a");
    CHECK(completion.note.empty());
    CHECK_THAT(
        completion.body, Contains(R"({"index":0,"message":{"role":"assistant","content":"a"})")
    );
    CHECK_THAT(
        completion.body, Contains(R"({"index":1,"message":{"role":"assistant","content":"",)")
    );
    CHECK_THAT(completion.body, Contains(R"("finish_reason":"stop"})"));
    CHECK_THAT(completion.body, Contains(R"("finish_reason":"tool_calls"})"));
}

TEST_CASE("The counts of Gemini hold what tools brought in and what was thought.", "[gemini]") {
    CHECK(counts(usage_of(R"({"promptTokenCount":20,"candidatesTokenCount":3})"), 20, 3));
    CHECK(counts(
        usage_of(
            R"({"promptTokenCount":20,"toolUsePromptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":4,"cachedContentTokenCount":16,"totalTokenCount":32})"
        ),
        25,
        7
    ));
    CHECK(counts(usage_of(R"({"promptTokenCount":20,"thoughtsTokenCount":64})"), 20, 64));
    CHECK(counts(usage_of(R"({"promptTokenCount":20,"totalTokenCount":20})"), 20, 0));
    CHECK(counts(usage_of(R"({"totalTokenCount":20})"), 20, 0));
    CHECK(counts(usage_of(R"({"promptTokenCount":9e99,"candidatesTokenCount":3})"), 0, 3));
    for (const std::string none :
         {"{}",
          "null",
          "7",
          R"({"promptTokenCount":-1,"candidatesTokenCount":3})",
          R"({"promptTokenCount":20,"thoughtsTokenCount":-9})",
          R"({"trafficType":"ON_DEMAND"})"}) {
        INFO(none);
        CHECK(counts(usage_of(none), -1, -1));
    }
}

TEST_CASE("Counts of Gemini near the largest number do not overflow.", "[gemini]") {
    const auto usage = usage_of(
        R"({"promptTokenCount":9223372036854775807,"toolUsePromptTokenCount":9223372036854775807,"candidatesTokenCount":9223372036854775807,"thoughtsTokenCount":9223372036854775807})"
    );
    CHECK(usage.input_tokens > 0);
    CHECK(usage.output_tokens > 0);
}

TEST_CASE("Cached tokens of Gemini are a detail of the prompt.", "[gemini]") {
    CHECK_THAT(
        body_of(
            R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":20,"cachedContentTokenCount":16}})"
        ),
        Contains(R"("usage":{"prompt_tokens":20,"prompt_tokens_details":{"cached_tokens":16}})")
    );
}

TEST_CASE("Every part of Gemini's usage is kept, and so is the tier that served.", "[gemini]") {
    const auto completion = completion_of(gemini_said(
        R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":20,"toolUsePromptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":4,"cachedContentTokenCount":16,"totalTokenCount":32,"serviceTier":"FLEX"}})"
    ));
    CHECK(completion.usage == Usage{25, 7, 16, 0, 0, 4});
    CHECK(completion.service_tier == "flex");
}

TEST_CASE("The probabilities of Gemini's tokens have the shape of the common form.", "[gemini]") {
    const std::string answer =
        R"({"candidates":[{"content":{"parts":[{"text":"ab"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"a","tokenId":1,"logProbability":-0.5},{"token":"b","logProbability":-1}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"c","logProbability":-2}]}]}}]})";
    CHECK_THAT(
        body_of(answer),
        Contains(
            R"("logprobs":{"content":[{"token":"a","logprob":-0.5,"top_logprobs":[{"token":"a","logprob":-0.5},{"token":"c","logprob":-2}]},{"token":"b","logprob":-1}]})"
        )
    );
    CHECK(seen(gemini_streamed({answer})) == seen(gemini_said(answer)));
}

TEST_CASE("Embeddings of Gemini become a list of numbered vectors.", "[gemini]") {
    const auto completion = completion_of(gemini_said(
        R"({"embeddings":[{"values":[0.1, 0.2]},{"values":[-3e-05,1]}]})", "/v1/embeddings"
    ));
    CHECK(
        completion.body ==
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]},{"object":"embedding","index":1,"embedding":[-3e-05,1]}],"model":"m"})"
    );
    CHECK(completion.model == "m");
}

TEST_CASE("Embeddings of Gemini that are missing or no vectors are no answer.", "[gemini]") {
    auto request = asked("/v1/embeddings");
    request.inputs = 2;
    for (const std::string answer :
         {R"({"embeddings":[{"values":[0.1]}]})",
          R"({"embeddings":[{"values":[0.1]},{"values":[]}]})",
          R"({"embeddings":[{"values":[0.1]},{}]})",
          R"({"embeddings":[{"values":[0.1]},{"values":"AA=="}]})",
          R"({"embeddings":[]})",
          R"({"embeddings":{}})",
          "{}"}) {
        INFO(answer);
        const auto outcome = read_answer(request, {}, answer, {}, asked_of_gemini());
        CHECK(fault_of(outcome).kind == FaultKind::bad_response);
    }
}
