// Streamed answers of Gemini. Nothing marks their end but the reason of each candidate.
#include "support/catch.hpp"
#include "unit/dialect/gemini/read_gemini.hpp"

#include <string>
#include <vector>

using namespace skein;
using namespace skein::test;
using Catch::Matchers::Contains;

namespace {

const Answer event_stream{.content_type = "text/event-stream"};
const Endpoint endpoint = asked_of_gemini();

// A thought, a text in pieces, and two calls, of which one comes before the event with the reason.
const std::vector<std::string> song{
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"h","thought":true}]},"index":0}],"usageMetadata":{"promptTokenCount":20,"totalTokenCount":20},"modelVersion":"m-001","responseId":"r1"})",
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"m","thought":true},{"text":"A "}]},"index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":1,"totalTokenCount":21},"modelVersion":"m-001","responseId":"r1"})",
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"dot."},{"functionCall":{"name":"f","args":{"q":1}},"thoughtSignature":"c2ln"}]},"index":0}],"modelVersion":"m-001","responseId":"r1"})",
    R"({"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"q":1}}}]},"index":0}],"modelVersion":"m-001","responseId":"r1"})",
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":27},"modelVersion":"m-001","responseId":"r1"})",
};

const std::string whole_song =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"A dot."},{"functionCall":{"name":"f","args":{"q":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"f","args":{"q":1}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":27},"modelVersion":"m-001","responseId":"r1"})";

std::vector<std::string> beginning(std::size_t count) {
    return {song.begin(), song.begin() + static_cast<std::ptrdiff_t>(count)};
}

// The counts of a stream have come one after the other, so their order may be another.
std::string without_usage(const std::string& body) {
    return body.substr(0, body.find("\"usage\""));
}

}  // namespace

TEST_CASE("A streamed answer of Gemini is the same as a plain one.", "[gemini]") {
    const auto streamed = completion_of(gemini_streamed(song));
    const auto plain = completion_of(gemini_said(whole_song));
    CHECK(streamed.text == "A dot.");
    CHECK(streamed.finish_reason == "tool_calls");
    CHECK(without_usage(streamed.body) == without_usage(plain.body));
    CHECK(streamed.text == plain.text);
    CHECK(streamed.finish_reason == plain.finish_reason);
    CHECK(streamed.model == plain.model);
    CHECK(streamed.note.empty());
    REQUIRE(streamed.usage);
    CHECK(streamed.usage->input_tokens == plain.usage->input_tokens);
    CHECK(streamed.usage->output_tokens == plain.usage->output_tokens);
}

TEST_CASE("A stream of Gemini cut at any byte gives the same answer.", "[gemini]") {
    const auto bytes = stream_of(song);
    const auto whole = seen(gemini_streamed(song));
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        AnswerReader reader{streamed(), endpoint, ReadLimits{}};
        reader.head(200, headers_of(event_stream));
        reader.body(std::string_view{bytes}.substr(0, cut), noon);
        reader.body(std::string_view{bytes}.substr(cut), noon);
        const auto outcome = reader.finish(wall);
        if (seen(outcome) != whole) FAIL("cut at " << cut << ": " << seen(outcome));
    }
    CHECK(seen(read_in_pieces(streamed(), event_stream, bytes, 1, {}, asked_of_gemini())) == whole);
}

TEST_CASE("A stream of Gemini that ends before the reason is never an answer.", "[gemini]") {
    for (std::size_t count = 0; count < song.size(); ++count) {
        INFO(count);
        CHECK(fault_of(gemini_streamed(beginning(count))).kind == FaultKind::incomplete_stream);
    }
    const auto bytes = stream_of(song);
    const auto last = bytes.size() - 4;  // The last event is whole with its blank line only.
    for (const auto cut : {bytes.find("data: ", 100), last}) {
        INFO(cut);
        const auto outcome = read_answer(
            streamed(), event_stream, std::string_view{bytes}.substr(0, cut), {}, asked_of_gemini()
        );
        CHECK(fault_of(outcome).kind == FaultKind::incomplete_stream);
    }
}

TEST_CASE("A reason that is unspecified does not end a stream of Gemini.", "[gemini]") {
    const auto unspecified = candidate_of(R"({"text":"a"})", "FINISH_REASON_UNSPECIFIED");
    CHECK(fault_of(gemini_streamed({unspecified})).kind == FaultKind::incomplete_stream);
    CHECK(completion_of(gemini_streamed({unspecified, candidate_of("", "STOP")})).text == "a");
}

TEST_CASE("An error after any event of a stream of Gemini is that fault.", "[gemini]") {
    const std::string error =
        R"({"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED"}})";
    for (std::size_t count = 0; count <= song.size(); ++count) {
        INFO(count);
        const auto begun = stream_of(beginning(count));
        for (const auto& end :
             {"data: " + error + "\r\n\r\n", error + "\r\n\r\n", "data: [" + error + "]\r\n\r\n"}) {
            if (begun.empty() && end.starts_with('{')) continue;  // No stream at all.
            const auto fault =
                fault_of(read_answer(streamed(), event_stream, begun + end, {}, asked_of_gemini()));
            CHECK(fault.kind == FaultKind::throttled);
            CHECK(fault.remote_message == "Slow down.");
        }
    }
}

TEST_CASE("Events of a stream of Gemini that are not JSON spoil the answer.", "[gemini]") {
    auto events = song;
    events.insert(events.begin() + 2, R"({"candidates":[{"content")");
    const auto fault = fault_of(gemini_streamed(events));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK_THAT(fault.detail, Contains("an event of the stream is not JSON"));
}

TEST_CASE(
    "The usage of a stream of Gemini may follow the reason in an event of its own.", "[gemini]"
) {
    const auto completion = completion_of(gemini_streamed({
        candidate_of(R"({"text":"a"})", "STOP"),
        R"({"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":1,"totalTokenCount":3}})",
    }));
    CHECK(completion.text == "a");
    REQUIRE(completion.usage);
    CHECK(completion.usage->input_tokens == 2);
    CHECK(completion.usage->output_tokens == 1);
}

TEST_CASE(
    "Each candidate of a stream of Gemini ends by itself and has its own calls.", "[gemini]"
) {
    const std::string first =
        R"({"candidates":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"functionCall":{"name":"f"}}]},"index":1}]})";
    const std::string second =
        R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":2}})";
    const std::string third = R"({"candidates":[{"finishReason":"STOP","index":1}]})";
    CHECK(fault_of(gemini_streamed({first}, 2)).kind == FaultKind::incomplete_stream);
    CHECK(fault_of(gemini_streamed({first, second}, 2)).kind == FaultKind::incomplete_stream);
    const auto completion = completion_of(gemini_streamed({first, second, third}, 2));
    CHECK(completion.finish_reason == "stop");
    CHECK_THAT(completion.body, Contains(R"("finish_reason":"stop"})"));
    CHECK_THAT(completion.body, Contains(R"("finish_reason":"tool_calls"})"));
    CHECK(completion.note.empty());
}

TEST_CASE(
    "A stream of Gemini is complete with the reason, before its connection ends.", "[gemini]"
) {
    AnswerReader reader{streamed(), endpoint, ReadLimits{}};
    reader.head(200, headers_of(event_stream));
    reader.body(stream_of(beginning(song.size() - 1)), noon);
    CHECK_FALSE(reader.complete());
    reader.body(stream_of({song.back()}), noon);
    CHECK(reader.complete());
}

TEST_CASE("Text that is not Unicode in a stream of Gemini is mended.", "[gemini]") {
    CHECK(
        completion_of(gemini_streamed({candidate_of("{\"text\":\"a\\ud800\xFF\"}", "STOP")}))
            .text == "a\xEF\xBF\xBD\xEF\xBF\xBD"
    );
}

TEST_CASE("An event of Gemini without a candidate changes no text.", "[gemini]") {
    auto events = song;
    events.insert(events.begin(), R"({"promptFeedback":{"safetyRatings":[]},"responseId":"r1"})");
    events.insert(events.begin() + 2, "");
    events.insert(events.begin() + 3, R"({"modelVersion":"m-001"})");
    CHECK(completion_of(gemini_streamed(events)).body == completion_of(gemini_streamed(song)).body);
}

TEST_CASE("A plain answer of Gemini to a streamed request is read as well.", "[gemini]") {
    const auto outcome = read_answer(streamed(), {}, whole_song, {}, asked_of_gemini());
    CHECK(seen(outcome) == seen(gemini_said(whole_song)));
}

TEST_CASE(
    "A stream of Gemini that ends before its second candidate is not an answer.", "[gemini]"
) {
    const auto piece = [](int index, bool has_usage) {
        return R"({"candidates":[{"content":{"parts":[{"text":"t"}]},"finishReason":"STOP","index":)" +
               std::to_string(index) + "}]" +
               (has_usage ? R"(,"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})"
                          : "}");
    };
    const auto cut = gemini_streamed({piece(0, true)}, 2);
    CHECK(std::get<Fault>(cut).kind == FaultKind::incomplete_stream);
    const auto whole = gemini_streamed({piece(0, true), piece(1, true)}, 2);
    CHECK(completion_of(whole).usage == Usage{3, 1});
    CHECK(completion_of(whole).note.empty());
}
