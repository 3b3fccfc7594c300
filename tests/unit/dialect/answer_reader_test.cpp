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

TEST_CASE("a stream must come as one, or as a whole answer", "[dialect]") {
    for (const std::string type :
         {"text/event-stream", "Text/Event-Stream;charset=utf-8", " text/event-stream ; x=y"}) {
        CHECK(
            completion_of(read_answer(streamed(), {.content_type = type}, word + stop)).text == "a"
        );
    }
    CHECK(
        completion_of(
            read_answer(streamed(), {.content_type = "application/json; charset=utf-8"}, good)
        )
            .text == "x"
    );
    for (const std::string type :
         {"text/html", "text/plain", "", "text/event-streams", "application/jsonl"}) {
        INFO(type);
        const auto fault = fault_of(read_answer(streamed(), {.content_type = type}, word + stop));
        CHECK(fault.kind == FaultKind::bad_response);
        CHECK_THAT(fault.detail, Contains("must come as text/event-stream"));
    }
    const auto page =
        fault_of(read_answer(streamed(), {.content_type = "text/html"}, "<title>Log in</title>"));
    CHECK_THAT(page.detail, Contains("came as text/html: \"<title>Log in</title>\""));
}

TEST_CASE("an answer that nobody asked to stream must not", "[dialect]") {
    CHECK(fault_of(read_answer(asked(), events, word + stop)).kind == FaultKind::bad_response);
    CHECK(completion_of(read_answer(asked(), {.content_type = ""}, good)).text == "x");
}

TEST_CASE("after [DONE] the reader has enough", "[dialect]") {
    Transfer reading{streamed(), events};
    CHECK(reading.reader.body(word, noon) == Appetite::more);
    CHECK_FALSE(reading.reader.complete());
    CHECK(reading.reader.body(stop, noon) == Appetite::more);
    CHECK(reading.reader.complete());
    CHECK(reading.reader.body("data: [DONE]\n\n", noon) == Appetite::enough);
    CHECK(reading.reader.body(word, noon) == Appetite::enough);
    CHECK(completion_of(reading.reader.finish(wall)).text == "a");
}

TEST_CASE("after an error in the stream the reader has enough, too", "[dialect]") {
    Transfer reading{streamed(), events};
    CHECK(reading.reader.body("data: {\"error\":\"x\"}\n\n", noon) == Appetite::enough);
    CHECK(fault_of(reading.reader.finish(wall)).kind == FaultKind::server_error);
}

TEST_CASE("content has a time, and what is not content has none", "[dialect]") {
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

TEST_CASE("tokens are known as soon as the server has said them", "[dialect]") {
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

TEST_CASE("a plain answer may be as large as the limit and no larger", "[dialect]") {
    const ReadLimits exact{.body = good.size()};
    const ReadLimits less{.body = good.size() - 1};
    for (const std::size_t piece : {1u, 10u, 1000u}) {
        CHECK(completion_of(read_in_pieces(asked(), {}, good, piece, exact)).text == "x");
        CHECK(
            fault_of(read_in_pieces(asked(), {}, good, piece, less)).kind == FaultKind::too_large
        );
    }
    Transfer reading{asked(), {}, less};
    CHECK(reading.reader.body(good, noon) == Appetite::too_much);
    CHECK(reading.reader.body("x", noon) == Appetite::too_much);
}

TEST_CASE("a stream may not hold more text, calls or choices than the limit", "[dialect]") {
    const ReadLimits limits{.body = 10'000};
    for (const std::string kind : {"text", "choices", "calls", "logprobs"}) {
        INFO(kind);
        Transfer reading{streamed(), events, limits};
        auto appetite = Appetite::more;
        int fed = 0;
        for (; appetite == Appetite::more && fed < 200; ++fed) {
            const auto i = std::to_string(fed);
            std::string choice = R"({"delta":{"content":")" + std::string(100, 'x') + "\"}}";
            if (kind == "choices") choice = R"({"index":)" + i + "}";
            if (kind == "calls") choice = R"({"delta":{"tool_calls":[{"index":)" + i + "}]}}";
            if (kind == "logprobs")
                choice = R"({"logprobs":{"content":[")" + std::string(100, 'x') + "\"]}}";
            appetite = reading.reader.body(event(choice), noon);
        }
        CHECK(appetite == Appetite::too_much);
        CHECK(fed < 110);
        const auto fault = fault_of(reading.reader.finish(wall));
        CHECK(fault.kind == FaultKind::too_large);
        CHECK(fault.http_status == 200);
    }
}

TEST_CASE("a line or an event of a stream that is too large ends it", "[dialect]") {
    Transfer line{streamed(), events, {.line = 100}};
    CHECK(line.reader.body("data: " + std::string(200, 'x'), noon) == Appetite::too_much);
    CHECK_THAT(fault_of(line.reader.finish(wall)).detail, Contains("a line of the stream"));
    Transfer lines{streamed(), events, {.event = 100}};
    CHECK(
        lines.reader.body(
            "data: " + std::string(90, 'x') + "\ndata: " + std::string(90, 'x') + '\n', noon
        ) == Appetite::too_much
    );
    CHECK(fault_of(lines.reader.finish(wall)).kind == FaultKind::too_large);
}

TEST_CASE("of the body of an error the beginning is enough", "[dialect]") {
    Transfer reading{asked(), {.status = 500}};
    const auto message = R"({"error":{"message":"m"}})" + std::string(65'536 - 26, ' ');
    CHECK(reading.reader.body(message, noon) == Appetite::more);
    CHECK(reading.reader.body(std::string(1'000'000, ' '), noon) == Appetite::enough);
    CHECK(reading.reader.body("x", noon) == Appetite::enough);
    const auto fault = fault_of(reading.reader.finish(wall));
    CHECK(fault.kind == FaultKind::server_error);
    CHECK(fault.remote_message == "m");
}

TEST_CASE("an error is read from status, headers and body, streamed or not", "[dialect]") {
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

TEST_CASE("of several heads the last counts", "[dialect]") {
    Transfer reading{asked(), {.status = 100}};
    reading.reader.head(200, headers_of({}));
    reading.reader.body(good, noon);
    CHECK(completion_of(reading.reader.finish(wall)).text == "x");
}

TEST_CASE("a transfer that ends before its head is a bad response", "[dialect]") {
    const Prepared request = asked();
    const Endpoint endpoint;
    const ReadLimits limits;
    AnswerReader reader{request, endpoint, limits};
    const auto fault = fault_of(reader.finish(wall));
    CHECK(fault.kind == FaultKind::bad_response);
    CHECK(fault.http_status == 0);
}

TEST_CASE("a broken transfer keeps what the server had said by then", "[dialect]") {
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

TEST_CASE("blanks in front of a bad answer bring no half of a key into its quote", "[dialect]") {
    const auto quote_after = [](std::size_t blanks) {
        Transfer reading{asked(), {}};
        reading.reader.body(std::string(blanks, '\n') + "CANARY-key is wrong", noon);
        return fault_of(reading.reader.finish(wall)).detail;
    };
    for (std::size_t blanks = 4080; blanks <= 4100; ++blanks) {
        REQUIRE(quote_after(blanks) == "the answer is not JSON: \"[key] is wrong\"");
    }
}

TEST_CASE("no key is in what a bad answer is quoted with", "[dialect]") {
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
