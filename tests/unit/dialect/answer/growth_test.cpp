#include "dialect/answer/growth.hpp"

#include "dialect/answer_reader.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

namespace skein {
namespace {

// All pieces of one choice, put together.
struct Whole {
    std::string text{};
    std::string reasoning{};
    std::vector<CallPiece> calls{};
    std::size_t pieces = 0;

    void add(const Chunk& chunk) {
        ++pieces;
        text += chunk.text;
        reasoning += chunk.reasoning;
        for (const auto& piece : chunk.calls) {
            if (calls.size() <= piece.call) calls.resize(piece.call + 1);
            auto& call = calls[piece.call];
            call.id += piece.id;
            call.name += piece.name;
            call.arguments += piece.arguments;
        }
    }
};

struct Read {
    std::vector<Whole> choices{};
    Outcome outcome{};

    const Whole& first() const {
        REQUIRE(!choices.empty());
        return choices.front();
    }
};

Read read(
    std::string_view body,
    std::size_t cut = 0,
    Operation operation = Operation::chat,
    const Endpoint& endpoint = {}
) {
    Prepared request;
    request.stream = true;
    request.operation = operation;
    AnswerReader reader{request, endpoint, ReadLimits{}};
    reader.keep_chunks();
    reader.head(200, Headers{});
    Read read;
    const auto take = [&] {
        for (const auto& chunk : reader.take_chunks()) {
            if (read.choices.size() <= chunk.choice) read.choices.resize(chunk.choice + 1);
            read.choices[chunk.choice].add(chunk);
        }
    };
    while (!body.empty()) {
        const auto piece = body.substr(0, cut == 0 ? body.size() : cut);
        reader.body(piece, TimePoint{});
        take();
        body.remove_prefix(piece.size());
    }
    read.outcome = reader.finish(WallTime{});
    take();
    return read;
}

std::string delta(std::string_view members, std::string_view index = "0") {
    return R"(data: {"choices":[{"index":)" + std::string{index} + R"(,"delta":{)" +
           std::string{members} + "}}]}\n\n";
}
std::string over(std::string_view reason = "stop", std::string_view index = "0") {
    return R"(data: {"choices":[{"index":)" + std::string{index} +
           R"(,"delta":{},"finish_reason":")" + std::string{reason} + "\"}]}\n\n";
}
const std::string done = "data: [DONE]\n\n";

TEST_CASE("The pieces of a stream add up to its text, however it is cut.", "[growth]") {
    const auto body = delta(R"("role":"assistant","content":"")") +
                      delta(R"("reasoning_content":"Let me ")") +
                      delta(R"("reasoning_content":"see.")") + delta(R"("content":"Gr\u00fc")") +
                      delta(R"("content":"ße")") + ": ping\n\n" + delta(R"("content":null)") +
                      delta(R"("content":" 🙂")") + over() + done;
    for (std::size_t cut = 0; cut < 40; ++cut) {
        const auto all = read(body, cut);
        REQUIRE(all.choices.size() == 1);
        CHECK(all.first().text == "Grüße 🙂");
        CHECK(all.first().reasoning == "Let me see.");
        CHECK(all.first().pieces == 5);
        CHECK(std::get<Completion>(all.outcome).text == all.first().text);
    }
}

TEST_CASE("A message that repeats the whole text at the end is not told again.", "[growth]") {
    const auto all = read(
        delta(R"("content":"four")") +
        "data: {\"choices\":[{\"index\":0,\"message\":{\"content\":\"four\"},"
        "\"finish_reason\":\"stop\"}]}\n\n" +
        done
    );
    CHECK(all.first().text == "four");
    CHECK(all.first().pieces == 1);
}

TEST_CASE("Reasoning under two names is told once.", "[growth]") {
    const auto all = read(
        delta(R"("reasoning":"so","reasoning_content":"so")") +
        delta(R"("reasoning":" it","reasoning_content":" it")") + delta(R"("content":"x")") + over()
    );
    CHECK(all.first().reasoning == "so it");
}

TEST_CASE("Content in parts is told part by part.", "[growth]") {
    const auto all = read(
        delta(R"("content":"a")") + delta(R"("content":[{"type":"text","text":"b"}])") +
        delta(R"("content":[{"type":"text","text":"c"},{"type":"reference","ids":[1]}])") +
        delta(R"("content":[{"type":"text","text":"d"}])") + over() + done
    );
    CHECK(all.first().text == "abcd");
    CHECK(all.first().pieces == 4);
    CHECK(std::get<Completion>(all.outcome).text == "abcd");
}

TEST_CASE("The pieces of tool calls name their call.", "[growth]") {
    const auto all = read(
        delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"find","arguments":""}}])") +
        delta(R"("tool_calls":[{"index":0,"id":"a","function":{"arguments":"{\"x\":"}}])") +
        delta(R"("tool_calls":[{"index":0,"function":{"name":"find","arguments":"1}"}}])") +
        delta(R"("tool_calls":[{"index":1,"id":"b","function":{"name":"go","arguments":"{}"}}])") +
        over("tool_calls") + done
    );
    REQUIRE(all.first().calls.size() == 2);
    CHECK(all.first().calls[0].id == "a");
    CHECK(all.first().calls[0].name == "find");
    CHECK(all.first().calls[0].arguments == R"({"x":1})");
    CHECK(all.first().calls[1].name == "go");
    CHECK(all.first().calls[1].arguments == "{}");
}

TEST_CASE("A placeholder of arguments is not told before it can be replaced no more.", "[growth]") {
    const auto all = read(
        delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}])") +
        delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"y\":2}"}}])") +
        over("tool_calls")
    );
    CHECK(all.first().calls.at(0).arguments == R"({"y":2})");
}

TEST_CASE("Each choice has its own pieces, and an odd number does no harm.", "[growth]") {
    const auto all = read(
        delta(R"("content":"one")") + delta(R"("content":"two")", "1") + over() +
        over("stop", "1") + delta(R"("content":"odd")", "-9223372036854775808") + done
    );
    REQUIRE(all.choices.size() == 2);
    CHECK(all.choices[1].text == "two");
}

TEST_CASE("The text of completions is told.", "[growth]") {
    const auto all = read(
        "data: {\"choices\":[{\"text\":\"a\"}]}\n\n"
        "data: {\"choices\":[{\"text\":\"b\",\"finish_reason\":\"stop\"}]}\n\n",
        0,
        Operation::completion
    );
    CHECK(all.first().text == "ab");
}

TEST_CASE("The stream of another API is told in the common form.", "[growth]") {
    const auto all = read(
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
        "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n"
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
        "\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}}\n\n"
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,"
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"Yes\"}}\n\n",
        7,
        Operation::chat,
        Endpoint{.api = Api::anthropic}
    );
    CHECK(all.first().reasoning == "Hm");
    CHECK(all.first().text == "Yes");
}

TEST_CASE("An error in a stream ends the pieces.", "[growth]") {
    const auto all = read(
        delta(R"("content":"a")") + "data: {\"error\":{\"message\":\"no\"}}\n\n" +
        delta(R"("content":"b")")
    );
    CHECK(all.first().text == "a");
}

TEST_CASE(
    "A whole answer is one piece for each choice, whatever its body looks like.", "[growth]"
) {
    Completion completion{.text = "four"};
    completion.body =
        R"({"choices":[{"index":0,"message":{"content":"four","reasoning":"2+2"}},)"
        R"({"index":1,"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},)"
        R"("finish_reason":"tool_calls"}]})";
    const auto chunks = chunks_of(completion, Operation::chat);
    REQUIRE(chunks.size() == 2);
    CHECK(chunks[0].text == "four");
    CHECK(chunks[0].reasoning == "2+2");
    CHECK(chunks[1].choice == 1);
    CHECK(chunks[1].calls.at(0).arguments == "{}");

    completion.body = R"({"type":"message","content":[]})";
    CHECK(chunks_of(completion, Operation::chat).at(0).text == "four");
    completion.text.clear();
    CHECK(chunks_of(completion, Operation::embedding).empty());
}

}  // namespace
}  // namespace skein
