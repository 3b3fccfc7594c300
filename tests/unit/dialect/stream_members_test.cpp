// Members of a streamed answer: each form of a delta beside the message that it must become.
#include "unit/dialect/read_answer.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace skein;
using namespace skein::test;
using Json = nlohmann::json;

namespace {

std::string event(const std::string& json) { return "data: " + json + "\n\n"; }

Json body_of(const std::vector<std::string>& events) {
    std::string bytes;
    for (const auto& json : events) bytes += event(json);
    const Answer answer{.content_type = "text/event-stream"};
    return Json::parse(completion_of(read_answer(streamed(), answer, bytes + event("[DONE]"))).body
    );
}

// The message that these deltas become.
Json message_of(const std::vector<std::string>& deltas) {
    std::vector<std::string> events;
    for (const auto& delta : deltas) {
        events.push_back(R"({"choices":[{"index":0,"delta":)" + delta + "}]}");
    }
    events.emplace_back(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
    return body_of(events)["choices"][0]["message"];
}

// The calls that these lists of `tool_calls` become: `id:name(arguments)` each.
std::string calls_of(const std::vector<std::string>& lists) {
    std::vector<std::string> deltas;
    for (const auto& list : lists) deltas.push_back(R"({"tool_calls":[)" + list + "]}");
    std::string calls;
    const auto message = message_of(deltas);
    for (const auto& call : message["tool_calls"]) {
        CHECK(call["type"] == "function");
        CHECK_FALSE(call.contains("index"));
        if (!calls.empty()) calls += ' ';
        calls += call.value("id", "") + ':' + call["function"].value("name", "") + '(' +
                 call["function"].value("arguments", "") + ')';
    }
    return calls;
}

}  // namespace

TEST_CASE("Streamed tool calls are separated for every known server.", "[dialect]") {
    struct Row {
        std::string title;
        std::vector<std::string> lists;
        std::string calls;
    };
    for (const auto& row : std::vector<Row>{
             {"by index, interleaved",
              {R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})",
               R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})",
               R"({"index":1,"function":{"arguments":"}"}},{"index":0,"function":{"arguments":"}"}})"},
              "a:f({}) b:g({})"},
             {"by id at one index",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})",
               R"({"index":0,"id":"b","function":{"name":"g","arguments":"{"}})",
               R"({"index":0,"function":{"arguments":"}"}})"},
              "a:f({}) b:g({})"},
             {"by id at one index, going back to the first",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})",
               R"({"index":0,"id":"b","function":{"name":"g","arguments":"{}"}})",
               R"({"index":0,"id":"a","function":{"arguments":"}"}})"},
              "a:f({}) b:g({})"},
             {"whole, without index or id",
              {R"({"function":{"name":"f","arguments":"{\"x\":\"}\"}"}},{"function":{"name":"f","arguments":"{}"}})",
               R"({"function":{"name":"g","arguments":"{}"}})"},
              R"(:f({"x":"}"}) :f({}) :g({}))"},
             {"at one index without ids",
              {R"({"index":0,"function":{"name":"f","arguments":"{}"}})",
               R"({"index":0,"function":{"name":"g","arguments":"{}"}})"},
              ":f({}) :g({})"},
             {"with ids and no index",
              {R"({"id":"a","function":{"name":"f","arguments":"{"}})",
               R"({"id":"a","function":{"arguments":"}"}})",
               R"({"id":"b","function":{"name":"g","arguments":"{"}})",
               R"({"function":{"arguments":"}"}})"},
              "a:f({}) b:g({})"},
             {"the name and the id in each chunk",
              {R"({"index":0,"id":"a","function":{"name":"read_file","arguments":""}})",
               R"({"index":0,"id":"a","function":{"name":"read_file","arguments":"{\"p\""}})",
               R"({"index":0,"id":"a","function":{"name":"read_file","arguments":":1}"}})"},
              R"(a:read_file({"p":1}))"},
             {"the name in pieces",
              {R"({"index":0,"id":"a","function":{"name":"read_"}})",
               R"({"index":0,"function":{"name":"file","arguments":"{}"}})"},
              "a:read_file({})"},
             {"the id after the name",
              {R"({"index":0,"function":{"name":"f"}})",
               R"({"index":0,"id":"a","function":{"arguments":"{}"}})"},
              "a:f({})"},
             {"an empty id in later chunks",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})",
               R"({"index":0,"id":"","function":{"name":"","arguments":"}"}})"},
              "a:f({})"},
             {"null in later chunks",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{"}})",
               R"({"index":0,"id":null,"type":null,"function":{"name":null,"arguments":"}"}})"},
              "a:f({})"},
             {"arguments as an object",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":{"x":[1,"y"]}}})"},
              R"(a:f({"x":[1,"y"]}))"},
             {"a placeholder before the arguments",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})",
               R"({"index":0,"function":{"arguments":"{\"x\":1}"}})"},
              R"(a:f({"x":1}))"},
             {"the whole call twice",
              {R"({"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}})",
               R"({"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}})"},
              R"(a:f({"x":1}))"},
         }) {
        INFO(row.title);
        CHECK(calls_of(row.lists) == row.calls);
    }
}

TEST_CASE("Every member of a delta is kept, known or unknown.", "[dialect]") {
    struct Row {
        std::string title;
        std::vector<std::string> deltas;
        std::string members;
    };
    for (const auto& row : std::vector<Row>{
             {"texts are joined",
              {R"({"content":"a","reasoning":"x","new":"1"})",
               R"({"content":"b","reasoning":"y","new":"2"})"},
              R"({"content":"ab","reasoning":"xy","new":"12"})"},
             {"numbers and flags are replaced",
              {R"({"score":1,"flag":true})", R"({"score":2.5,"flag":false})"},
              R"({"content":null,"score":2.5,"flag":false})"},
             {"null replaces nothing",
              {R"({"content":"a","refusal":null})", R"({"content":null})"},
              R"({"content":"a","refusal":null})"},
             {"objects are merged",
              {R"({"audio":{"id":"u","data":"QUJD","transcript":"a"}})",
               R"({"audio":{"data":"REVG","transcript":"b"}})",
               R"({"audio":{"expires_at":7}})"},
              R"({"content":null,"audio":{"id":"u","data":"QUJDREVG","transcript":"ab","expires_at":7}})"},
             {"Mistral's thinking",
              {R"({"content":""})",
               R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"They "}]}]})",
               R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"greet."}]}]})",
               R"({"content":[{"type":"text","text":"Hel"}]})",
               R"({"content":"lo!"})"},
              R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"They greet."}]},{"type":"text","text":"Hello!"}]})"},
             {"a text before parts",
              {R"({"content":"a"})",
               R"({"content":[{"type":"text","text":"b"},{"type":"image_url","image_url":{"url":"u"}}]})"},
              R"({"content":[{"type":"text","text":"ab"},{"type":"image_url","image_url":{"url":"u"}}]})"},
             {"parts that are no text stay apart",
              {R"({"images":[{"type":"image_url","image_url":{"url":"u"}}]})",
               R"({"images":[{"type":"image_url","image_url":{"url":"v"}}]})"},
              R"({"content":null,"images":[{"type":"image_url","image_url":{"url":"u"}},{"type":"image_url","image_url":{"url":"v"}}]})"},
             {"OpenRouter's reasoning_details, by index",
              {R"({"reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]})",
               R"({"reasoning_details":[{"type":"reasoning.text","text":"b","index":0,"signature":"s"}]})",
               R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"z","index":1}]})"},
              R"({"content":null,"reasoning_details":[{"type":"reasoning.text","text":"ab","index":0,"signature":"s"},{"type":"reasoning.encrypted","data":"z","index":1}]})"},
             {"annotations",
              {R"({"annotations":[{"type":"url_citation","url_citation":{"url":"u"}}]})",
               R"({"annotations":[{"type":"url_citation","url_citation":{"url":"v"}}]})"},
              R"({"content":null,"annotations":[{"type":"url_citation","url_citation":{"url":"u"}},{"type":"url_citation","url_citation":{"url":"v"}}]})"},
             {"an old function call",
              {R"({"function_call":{"name":"f","arguments":"{"}})",
               R"({"function_call":{"name":"f","arguments":"}"}})"},
              R"({"content":null,"function_call":{"name":"f","arguments":"{}"}})"},
             {"the role in each chunk",
              {R"({"role":"assistant","content":"a"})", R"({"role":"assistant","content":"b"})"},
              R"({"content":"ab"})"},
             {"a custom tool",
              {R"({"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"c","input":"x"}}]})",
               R"({"tool_calls":[{"index":0,"custom":{"input":"y"}}]})"},
              R"({"content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"c","input":"xy"}}]})"},
             {"a signature beside the function",
              {R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]})"},
              R"({"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]})"},
         }) {
        INFO(row.title);
        auto expected = Json::parse(row.members);
        expected["role"] = "assistant";
        CHECK(message_of(row.deltas) == expected);
    }
}

TEST_CASE("The last value of each member of choices and chunks is kept.", "[dialect]") {
    const auto body = body_of({
        R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","citations":["u"],"prompt_filter_results":[{"prompt_index":0}],"choices":[]})",
        R"({"id":"c","created":2,"model":"m","citations":["u","v"],"provider":"p","choices":[{"index":0,"delta":{"content":"a"},"content_filter_results":{"hate":{"severity":"safe"}},"token_ids":[1,2]}]})",
        R"({"choices":[{"index":0,"delta":{"content":"b"},"content_filter_results":{"hate":{"severity":"safe"},"violence":{"severity":"low"}},"token_ids":[3],"matched_stop":null}]})",
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","matched_stop":7,"native_finish_reason":"STOP"}],"timings":{"ms":1.5},"service_tier":null})",
        R"({"choices":[],"timings":{"ms":2.5},"service_tier":"flex","x_groq":{"id":"r"},"usage":{"prompt_tokens":3,"completion_tokens":2,"queue_time":0.5}})",
    });
    CHECK(body == Json::parse(R"({"id":"c","object":"chat.completion","created":1,"model":"m",
        "choices":[{"index":0,"message":{"role":"assistant","content":"ab"},
            "content_filter_results":{"hate":{"severity":"safe"},"violence":{"severity":"low"}},
            "token_ids":[1,2,3],"matched_stop":7,"native_finish_reason":"STOP","finish_reason":"stop"}],
        "citations":["u","v"],"prompt_filter_results":[{"prompt_index":0}],"provider":"p",
        "timings":{"ms":2.5},"service_tier":"flex","x_groq":{"id":"r"},
        "usage":{"prompt_tokens":3,"completion_tokens":2,"queue_time":0.5}})"));
}

TEST_CASE("The tier that served is kept, of a stream as of a whole answer.", "[dialect]") {
    const std::string choice =
        R"("choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}])";
    const auto tier_of = [](const std::string& bytes) {
        const Answer answer{.content_type = "text/event-stream"};
        return completion_of(read_answer(streamed(), answer, bytes + event("[DONE]"))).service_tier;
    };
    CHECK(tier_of(event(R"({"service_tier":"flex",)" + choice + "}")) == "flex");
    CHECK(
        tier_of(
            event("{" + choice + "}") + event(R"({"choices":[],"service_tier":"priority"})") +
            event(R"({"choices":[],"service_tier":null})")
        ) == "priority"
    );
    CHECK(tier_of(event("{" + choice + R"(,"service_tier":7})")) == "");
}

TEST_CASE("A complete message within a stream counts if no delta came.", "[dialect]") {
    const std::string whole =
        R"({"choices":[{"index":0,"message":{"role":"assistant","content":"all"},"finish_reason":"stop"}]})";
    CHECK(body_of({whole})["choices"][0]["message"]["content"] == "all");
    CHECK(
        body_of(
            {R"({"choices":[{"index":0,"delta":{"content":"al"}}]})",
             R"({"choices":[{"index":0,"delta":{"content":"l"}}]})",
             whole}
        )["choices"][0]["message"]["content"] == "all"
    );
}

TEST_CASE(
    "The usage of a stream may come in any chunk, and later zeros do not count.", "[dialect]"
) {
    const auto usage_of = [](const std::string& more) {
        const Answer answer{.content_type = "text/event-stream"};
        const auto bytes =
            event(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})") +
            more + event("[DONE]");
        return completion_of(read_answer(streamed(), answer, bytes)).usage;
    };
    CHECK(
        usage_of(event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})")) ==
        Usage{3, 2}
    );
    CHECK(usage_of(event(R"({"usage":{"prompt_tokens":3,"completion_tokens":2}})")) == Usage{3, 2});
    CHECK(
        usage_of(event(
            R"({"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":3,"completion_tokens":2}}]})"
        )) == Usage{3, 2}
    );
    CHECK(
        usage_of(
            event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}})") +
            event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})") +
            event(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})")
        ) == Usage{3, 2}
    );
}

TEST_CASE("A stream with endless new member names is stopped at the limit.", "[dialect]") {
    const Answer answer{.content_type = "text/event-stream"};
    for (const std::string form :
         {R"({"delta":{"N":1}})",
          R"({"N":null})",
          R"({"delta":{"o":{"N":""}}})",
          R"({"delta":{"l":[{"index":I}]}})",
          R"({"delta":{"tool_calls":[{"index":I}]}})"}) {
        INFO(form);
        std::string bytes;
        for (int i = 0; i < 1000; ++i) {
            auto choice = form;
            for (const std::string mark : {"N", "I"}) {
                if (const auto at = choice.find(mark); at != choice.npos)
                    choice.replace(at, 1, std::to_string(i));
            }
            bytes += event(R"({"choices":[)" + choice + "]}");
        }
        const auto fault = fault_of(read_answer(streamed(), answer, bytes, {.body = 100'000}));
        CHECK(fault.kind == FaultKind::too_large);
    }
}
