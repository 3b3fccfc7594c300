#include "unit/dialect/raw/maps.hpp"

using namespace skein;
using namespace skein::test;
using Catch::Contains;

TEST_CASE("Whole answers of three servers become chat completions by their maps.", "[raw]") {
    const auto tgi = completion_of(read_mapped(
        tgi_map,
        R"({"generated_text":"Two, three","details":{"finish_reason":"eos_token","generated_tokens":3,)"
        R"("prefill_length":7}})"
    ));
    CHECK(tgi.text == "Two, three");
    CHECK(tgi.finish_reason == "stop");
    CHECK(tgi.usage == Usage{7, 3});
    CHECK(
        tgi.body ==
        R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":"Two, three"},"finish_reason":"stop","native_finish_reason":"eos_token"}],)"
        R"("usage":{"prompt_tokens":7,"completion_tokens":3}})"
    );
    const auto ollama = completion_of(read_mapped(
        ollama_map,
        R"({"model":"small","message":{"role":"assistant","content":"a","thinking":"hm"},)"
        R"("done_reason":"length","done":true,"eval_count":2})"
    ));
    CHECK(ollama.text == "a");
    CHECK(ollama.model == "small");
    CHECK(ollama.finish_reason == "length");
    CHECK_THAT(ollama.body, Contains(R"("reasoning_content":"hm")"));
    const auto cohere = completion_of(read_mapped(
        cohere_map,
        R"({"id":"c1","finish_reason":"COMPLETE","message":{"role":"assistant","content":)"
        R"([{"type":"text","text":"a"},{"type":"other"},{"type":"text","text":"b"}]},)"
        R"("usage":{"tokens":{"input_tokens":5,"output_tokens":2}}})"
    ));
    CHECK(cohere.text == "ab");
    CHECK(cohere.finish_reason == "stop");
    CHECK(cohere.usage == Usage{5, 2});
    CHECK_THAT(cohere.body, Contains(R"("id":"c1")"));
}

TEST_CASE(
    "An answer without text is none, and the message says where it was looked for.", "[raw]"
) {
    const std::string two = R"({"answer":{"text":["/a/text","/b~1c"]}})";
    const auto fault = fault_of(read_mapped(two, R"({"a":{"txt":"x"}})"));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK_THAT(fault.detail, Contains("the answer has nothing at /a/text, nor at /b~1c"));
    CHECK_THAT(fault.detail, Contains("txt"));
    for (const std::string odd :
         {"{}",
          "[]",
          "7",
          "null",
          R"({"a":null})",
          R"({"a":{"text":null}})",
          R"({"a":{"text":{}}})",
          R"({"a":{"text":[]}})",
          R"({"a":"text"})",
          R"({"choices":[]})",
          R"({"a":{"tex)",
          ""}) {
        CAPTURE(odd);
        CHECK(fault_of(read_mapped(two, odd)).kind == FaultKind::bad_response);
    }
    CHECK_THAT(fault_of(read_mapped(two, "<html>")).detail, Contains("is not JSON"));
}

TEST_CASE("A text may be empty, a number, or missing where the reason explains it.", "[raw]") {
    const auto text = [](const std::string& body) {
        return completion_of(read_mapped(ollama_map, body)).text;
    };
    CHECK(text(R"({"message":{"content":""},"done_reason":"stop"})").empty());
    CHECK(text(R"({"message":{"content":4.50}})") == "4.5");
    CHECK(text(R"({"message":{"content":true}})") == "true");
    CHECK(text(R"({"message":{},"done_reason":"length"})").empty());
    CHECK(
        fault_of(read_mapped(ollama_map, R"({"message":{},"done_reason":"stop"})")).kind ==
        FaultKind::bad_response
    );
}

TEST_CASE("A map without a place for the reason takes a whole answer as stopped.", "[raw]") {
    const std::string map = R"({"answer":{"text":"/t"}})";
    CHECK(completion_of(read_mapped(map, R"({"t":"x"})")).finish_reason == "stop");
    // Where there is a place, null stays null.
    CHECK(completion_of(read_mapped(ollama_map, R"({"message":{"content":"x"},"done_reason":null})")
    )
              .finish_reason.empty());
}

TEST_CASE(
    "A reason by which the server broke off is a fault, by its own word or by ours.", "[raw]"
) {
    const auto kind = [](const std::string& map, const std::string& reason) {
        return fault_of(read_mapped(map, R"({"t":"x","f":")" + reason + "\"}")).kind;
    };
    const std::string plain = R"({"answer":{"text":"/t","finish":"/f"}})";
    const std::string words =
        R"({"answer":{"text":"/t","finish":"/f","finish_words":{"BROKE":"error"}}})";
    CHECK(kind(plain, "TIMEOUT") == FaultKind::server_error);
    CHECK(kind(words, "BROKE") == FaultKind::server_error);
}

TEST_CASE("An error of the map is told with its words, whatever the status.", "[raw]") {
    for (const int status : {200, 422, 503}) {
        CAPTURE(status);
        const auto fault = fault_of(read_mapped(
            tgi_map, R"({"error":"Input is too long","error_type":"validation"})", false, status
        ));
        CHECK(fault.remote_message == "Input is too long");
        CHECK_THAT(fault.detail, Contains("validation"));
    }
    const std::string deep =
        R"({"answer":{"text":"/t"},"error":{"where":"/status/bad","message":"/status/why",)"
        R"("code":"/status/bad"}})";
    const auto fault =
        fault_of(read_mapped(deep, R"({"t":"x","status":{"bad":429,"why":"slow"}})"));
    CHECK(fault.kind == FaultKind::throttled);
    CHECK(fault.remote_message == "slow");
    CHECK(
        fault_of(read_mapped(deep, R"({"status":{"bad":7,"why":"w"}})", false, 500))
            .remote_message == "w"
    );
    for (const std::string good : {"null", "false", "0", "\"\"", "{}", "[]"}) {
        CAPTURE(good);
        const auto body = R"({"t":"x","error":"no matter","status":{"bad":)" + good + "}}";
        CHECK(completion_of(read_mapped(deep, body)).text == "x");
    }
}

TEST_CASE("Errors of the usual shapes are found without a place for them.", "[raw]") {
    const std::string map = R"({"answer":{"text":"/t"}})";
    const auto fault =
        fault_of(read_mapped(map, R"({"t":"x","error":{"message":"m","code":"rate_limited"}})"));
    CHECK(fault.kind == FaultKind::throttled);
    CHECK(fault.remote_message == "m");
    CHECK(fault_of(read_mapped(map, "no JSON", false, 500)).remote_message == "no JSON");
}

TEST_CASE("Odd counts of tokens are no usage, and never a failure.", "[raw]") {
    for (const std::string odd : {"-1", "1.5", "\"3\"", "{}", "[1]", "null", "true"}) {
        CAPTURE(odd);
        const auto body = R"({"message":{"content":"x"},"eval_count":)" + odd +
                          R"(,"prompt_eval_count":)" + odd + '}';
        CHECK_FALSE(completion_of(read_mapped(ollama_map, body)).usage);
    }
    const auto huge =
        read_mapped(ollama_map, R"({"message":{"content":"x"},"eval_count":9223372036854775807})");
    CHECK(completion_of(huge).usage);
}
