#include "dialect/answer_reader.hpp"

#include "unit/dialect/read_answer.hpp"

using namespace skein;
using namespace skein::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const Answer events{.content_type = "text/event-stream"};
const std::string good = R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})";

std::string event(const std::string& choice) { return "data: {\"choices\":[" + choice + "]}\n\n"; }

const std::string role = event(R"({"delta":{"role":"assistant","content":""}})");
const std::string word = event(R"({"delta":{"content":"a"}})");
const std::string stop = event(R"({"delta":{},"finish_reason":"stop"})");

struct Transfer {
    explicit Transfer(const Prepared& prepared, const Answer& answer, const ReadLimits& given = {})
        : request{prepared}, limits{given}, reader{request, endpoint, limits} {
        reader.head(answer.status, headers_of(answer));
    }
    Prepared request;
    Endpoint endpoint{.api_key = Secret{"CANARY-key"}};
    ReadLimits limits;
    AnswerReader reader;
};

}  // namespace

TEST_CASE(
    "The form of an answer is found from its bytes, not from its content type.", "[dialect]"
) {
    const std::string blanks = "\xEF\xBB\xBF \r\n\n";
    const std::string chunks = word + stop;
    for (const auto& request : {asked(), streamed()}) {
        for (const std::string type :
             {"text/event-stream",
              "Text/Event-Stream;charset=utf-8",
              "application/json",
              "application/x-ndjson",
              "text/plain",
              "text/html",
              ""}) {
            INFO(type);
            const auto text = [&](const std::string& bytes) {
                const Answer answer{.content_type = type};
                const auto whole = completion_of(read_answer(request, answer, bytes));
                const auto pieces = read_in_pieces(request, answer, bytes, 1);
                CHECK(completion_of(pieces).body == whole.body);
                return whole.text;
            };
            CHECK(text(chunks) == "a");
            CHECK(text(blanks + chunks) == "a");
            CHECK(text(": wait\n\n" + chunks) == "a");
            CHECK(text("event: message\n" + chunks) == "a");
            CHECK(text("id: 1\nretry: 5\n" + chunks) == "a");
            CHECK(text("data:" + word.substr(6) + "data:" + stop.substr(6)) == "a");
            CHECK(text(good) == "x");
            CHECK(text(blanks + good + "\n\n") == "x");
            CHECK(
                text(R"({"choices":[{"delta":{"content":"l"}}]})"
                     "\n"
                     R"({"choices":[{"delta":{"content":"i"},"finish_reason":"stop"}]})"
                     "\n") == "li"
            );
        }
    }
}

TEST_CASE(
    "A body that is neither JSON nor a stream is quoted with its content type.", "[dialect]"
) {
    const auto page =
        fault_of(read_answer(streamed(), {.content_type = "text/html"}, "<title>Log in</title>"));
    CHECK(page.kind == FaultKind::bad_response);
    CHECK(
        page.detail == "the answer is not JSON: \"<title>Log in</title>\", and it came as text/html"
    );
    CHECK(page.body == "<title>Log in</title>");
    const auto soon = fault_of(read_answer(asked(), {}, "dat"));
    CHECK_THAT(soon.detail, Contains("not JSON: \"dat\""));
    CHECK(fault_of(read_answer(asked("/v1/embeddings"), {}, word)).kind == FaultKind::bad_response);
}

TEST_CASE(
    "The body of an invalid successful answer is kept, redacted, up to 64 KiB.", "[dialect]"
) {
    const auto body_of = [](const std::string& bytes, const Prepared& request = asked()) {
        Transfer reading{request, {}};
        reading.reader.body(bytes, noon);
        return fault_of(reading.reader.finish(wall)).body;
    };
    const std::string error = R"({"error":{"message":"CANARY-key"},"usage":{"prompt_tokens":9}})";
    CHECK(body_of(error) == R"({"error":{"message":"[key]"},"usage":{"prompt_tokens":9}})");
    CHECK(body_of("{\"choices\":[{}]}") == "{\"choices\":[{}]}");
    CHECK(
        body_of(word + event(R"({"delta":{"content":"b"}})")) ==
        R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":"ab"},"finish_reason":null}]})"
    );
    CHECK(body_of("data: {\"error\":\"full\"}\n\n") == R"({"error":"full"})");
    // Cut between characters, and not within a key.
    for (std::size_t length = 65'400; length < 65'600; ++length) {
        const auto body =
            body_of(std::string(length, 'x') + "CANARY-key\u00e4" + std::string(9000, 'y'));
        REQUIRE(body.size() <= 65'536);
        REQUIRE(body.size() > 65'000);
        REQUIRE(body.find("CANARY") == std::string::npos);
    }
    CHECK(body_of("x" + std::string(80'000, '\xC3')).size() <= 65'536);

    // Each key that is taken out brings the place of the cut nearer.
    std::string keys;
    while (keys.size() < 100'000) keys += "CANARY-key ";
    for (std::size_t before = 0; before < 11; ++before) {
        REQUIRE(body_of(std::string(before, 'x') + keys).find("CAN") == std::string::npos);
    }

    Transfer half{asked(), {}};
    half.reader.body(R"({"choices":[{"message":{"content":"hal)", noon);
    CHECK_THAT(half.reader.broken(FaultKind::truncated, "cut").body, Contains("\"hal"));
    Transfer refused{asked(), {.status = 400}};
    refused.reader.body("no", noon);
    CHECK(fault_of(refused.reader.finish(wall)).body.empty());
}

TEST_CASE("After [DONE] the reader has enough.", "[dialect]") {
    Transfer reading{streamed(), events};
    CHECK(reading.reader.body(word, noon) == ReadState::more);
    CHECK_FALSE(reading.reader.complete());
    CHECK(reading.reader.body(stop, noon) == ReadState::more);
    CHECK(reading.reader.complete());
    CHECK(reading.reader.body("data: [DONE]\n\n", noon) == ReadState::enough);
    CHECK(reading.reader.body(word, noon) == ReadState::enough);
    CHECK(completion_of(reading.reader.finish(wall)).text == "a");
}

TEST_CASE("After an error in the stream the reader has enough.", "[dialect]") {
    Transfer reading{streamed(), events};
    CHECK(reading.reader.body("data: {\"error\":\"x\"}\n\n", noon) == ReadState::enough);
    CHECK(fault_of(reading.reader.finish(wall)).kind == FaultKind::server_error);
}

TEST_CASE("Only events with content set the times of first and last content.", "[dialect]") {
    Transfer reading{streamed(), events};
    reading.reader.body(": ping\n\n" + role, noon);
    CHECK(reading.reader.first_chunk() == never);
    CHECK(reading.reader.last_content() == never);
    reading.reader.body(word, noon + 1s);
    reading.reader.body(word.substr(0, 5), noon + 2s);
    reading.reader.body(word.substr(5), noon + 3s);
    reading.reader.body(": ping\n\n" + role, noon + 4s);
    CHECK(reading.reader.first_chunk() == noon + 1s);
    CHECK(reading.reader.last_content() == noon + 3s);
    reading.reader.body(
        event(R"({"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}})"), noon + 5s
    );
    reading.reader.body(event(R"({"delta":{"reasoning_content":"h"}})"), noon + 6s);
    CHECK(reading.reader.last_content() == noon + 6s);
}

TEST_CASE("The usage is known as soon as the server has sent it.", "[dialect]") {
    Transfer stream{streamed(), events};
    CHECK_FALSE(stream.reader.usage());
    stream.reader.body(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n", noon
    );
    CHECK(stream.reader.usage() == Usage{3, 1});
    stream.reader.body(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n", noon
    );
    stream.reader.body("data: {\"choices\":[],\"usage\":null}\n\n", noon);
    CHECK(stream.reader.usage() == Usage{3, 2});

    Transfer plain{asked(), {}};
    plain.reader.body(R"({"usage":{"prompt_tokens":3},)" + good.substr(1), noon);
    completion_of(plain.reader.finish(wall));
    CHECK(plain.reader.usage() == Usage{3, 0});
}

TEST_CASE("A plain answer may be as large as the limit and not larger.", "[dialect]") {
    const ReadLimits exact{.body = good.size()};
    const ReadLimits less{.body = good.size() - 1};
    for (const std::size_t piece : {1u, 10u, 1000u}) {
        CHECK(completion_of(read_in_pieces(asked(), {}, good, piece, exact)).text == "x");
        CHECK(
            fault_of(read_in_pieces(asked(), {}, good, piece, less)).kind == FaultKind::too_large
        );
    }
    Transfer reading{asked(), {}, less};
    CHECK(reading.reader.body(good, noon) == ReadState::too_much);
    CHECK(reading.reader.body("x", noon) == ReadState::too_much);
}

TEST_CASE("A stream may not hold more text, calls or choices than the limit.", "[dialect]") {
    const ReadLimits limits{.body = 10'000};
    for (const std::string kind : {"text", "choices", "calls", "logprobs"}) {
        INFO(kind);
        Transfer reading{streamed(), events, limits};
        auto state = ReadState::more;
        int fed = 0;
        for (; state == ReadState::more && fed < 200; ++fed) {
            const auto i = std::to_string(fed);
            std::string choice = R"({"delta":{"content":")" + std::string(100, 'x') + "\"}}";
            if (kind == "choices") choice = R"({"index":)" + i + "}";
            if (kind == "calls") choice = R"({"delta":{"tool_calls":[{"index":)" + i + "}]}}";
            if (kind == "logprobs")
                choice = R"({"logprobs":{"content":[")" + std::string(100, 'x') + "\"]}}";
            state = reading.reader.body(event(choice), noon);
        }
        CHECK(state == ReadState::too_much);
        CHECK(fed < 110);
        const auto fault = fault_of(reading.reader.finish(wall));
        CHECK(fault.kind == FaultKind::too_large);
        CHECK(fault.http_status == 200);
    }
}

TEST_CASE("A line or an event above its limit ends the stream.", "[dialect]") {
    Transfer line{streamed(), events, {.line = 100}};
    CHECK(line.reader.body("data: " + std::string(200, 'x'), noon) == ReadState::too_much);
    CHECK_THAT(
        fault_of(line.reader.finish(wall)).detail,
        Contains("a line of the stream is larger than 100 bytes, which is read.line")
    );
    Transfer broken{streamed(), events, {.line = 100}};
    CHECK(broken.reader.body("data: " + std::string(200, 'x'), noon) == ReadState::too_much);
    CHECK_THAT(
        broken.reader.broken(FaultKind::too_large, "too large to hold").detail,
        Contains("which is read.line")
    );
    Transfer lines{streamed(), events, {.event = 100}};
    CHECK(
        lines.reader.body(
            "data: " + std::string(90, 'x') + "\ndata: " + std::string(90, 'x') + '\n', noon
        ) == ReadState::too_much
    );
    CHECK(fault_of(lines.reader.finish(wall)).kind == FaultKind::too_large);
}

TEST_CASE("The reader keeps only the beginning of an error body.", "[dialect]") {
    Transfer reading{asked(), {.status = 500}};
    const auto message = R"({"error":{"message":"m"}})" + std::string(65'536 - 26, ' ');
    CHECK(reading.reader.body(message, noon) == ReadState::more);
    CHECK(reading.reader.body(std::string(1'000'000, ' '), noon) == ReadState::enough);
    CHECK(reading.reader.body("x", noon) == ReadState::enough);
    const auto fault = fault_of(reading.reader.finish(wall));
    CHECK(fault.kind == FaultKind::server_error);
    CHECK(fault.remote_message == "m");
}

TEST_CASE("An error is read from status, headers and body, streamed or not.", "[dialect]") {
    for (const auto& request : {asked(), streamed()}) {
        const auto fault = fault_of(read_answer(
            request,
            {.status = 429, .headers = {{"retry-after", "2"}, {"x-should-retry", "false"}}},
            R"({"error":{"message":"slow"}})"
        ));
        CHECK(fault.kind == FaultKind::throttled);
        CHECK(fault.retry_after == Duration{2s});
        CHECK(fault.should_retry == false);
        CHECK(fault.remote_message == "slow");
        CHECK(fault.http_status == 429);
    }
    CHECK(fault_of(read_answer(asked(), {.status = 302}, "")).kind == FaultKind::redirect_refused);
    CHECK(fault_of(read_answer(asked(), {.status = 204}, "")).kind == FaultKind::bad_response);
}

TEST_CASE("The last of several heads counts.", "[dialect]") {
    Transfer reading{asked(), {.status = 100}};
    reading.reader.head(200, headers_of({}));
    reading.reader.body(good, noon);
    CHECK(completion_of(reading.reader.finish(wall)).text == "x");
}

TEST_CASE("A transfer that ends before its head is a bad response.", "[dialect]") {
    const Prepared request = asked();
    const Endpoint endpoint;
    const ReadLimits limits;
    AnswerReader reader{request, endpoint, limits};
    const auto fault = fault_of(reader.finish(wall));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK(fault.http_status == 0);
}

TEST_CASE("The fault of a broken transfer keeps the received error message.", "[dialect]") {
    Transfer early{asked(), {.status = 500}};
    early.reader.body(R"({"error":{"message":"out of geese, CANARY-key"}})", noon);
    const auto fault =
        early.reader.broken(FaultKind::truncated, "the answer ended early, with CANARY-key\n");
    CHECK(fault.kind == FaultKind::truncated);
    CHECK(fault.http_status == 500);
    CHECK(fault.remote_message == "out of geese, [key]");
    CHECK(fault.detail == "the answer ended early, with [key]\\u000a");

    Transfer half{streamed(), events};
    half.reader.body(word, noon);
    const auto lost = half.reader.broken(FaultKind::connection_lost, "reset");
    CHECK(lost.kind == FaultKind::connection_lost);
    CHECK(lost.http_status == 200);
    CHECK(lost.remote_message.empty());
}

TEST_CASE(
    "Leading spaces do not bring half of a key into the quote of a bad answer.", "[dialect]"
) {
    const auto quote_after = [](std::size_t blanks) {
        Transfer reading{asked(), {}};
        reading.reader.body(std::string(blanks, '\n') + "CANARY-key is wrong", noon);
        return fault_of(reading.reader.finish(wall)).detail;
    };
    for (std::size_t blanks = 4080; blanks <= 4100; ++blanks) {
        REQUIRE(quote_after(blanks) == "the answer is not JSON: \"[key] is wrong\"");
    }
}

TEST_CASE("A note and a quoted content type contain no API key.", "[dialect]") {
    Transfer reading{asked(), {.content_type = "CANARY-key"}};
    reading.reader.body("x", noon);
    CHECK_THAT(
        fault_of(reading.reader.finish(wall)).detail,
        Contains("came as [key]") && !Contains("canary")
    );
    Transfer noted{asked(), {}};
    noted.reader.body(
        R"({"choices":[{"message":{"content":"x"},"finish_reason":"CANARY-key"}]})", noon
    );
    CHECK(
        completion_of(noted.reader.finish(wall)).note == "the finish_reason `[key]` is not known"
    );
}

TEST_CASE("The quote of a bad answer contains no API key.", "[dialect]") {
    for (const auto& request : {asked(), streamed()}) {
        for (const auto& type : {"text/html", "text/event-stream"}) {
            Transfer reading{request, {.content_type = type}};
            reading.reader.body(
                "data: your key is " + std::string(60, ' ') + "CANARY-key, is it?\n\n", noon
            );
            const auto fault = fault_of(reading.reader.finish(wall));
            CHECK(fault.kind == FaultKind::bad_response);
            CHECK_THAT(fault.detail, !Contains("CANARY"));
        }
    }
}
