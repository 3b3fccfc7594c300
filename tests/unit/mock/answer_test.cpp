#include "mock_server/answer.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace skein::mock;
using Json = nlohmann::json;

namespace {

Question asked(const std::string& body, Task task = Task::chat) {
    return std::get<Question>(question_of(task, body));
}

Question asked_chat(const std::string& prompt, const std::string& more = "") {
    return asked(
        R"({"model":"m","messages":[{"role":"user","content":)" + Json(prompt).dump() + "}]" +
        more + "}"
    );
}

// What a stream says, choice by choice, and why each ends.
struct Told {
    std::map<int, std::string> text{};
    std::map<int, std::string> reason{};
    Json usage{};
    bool done = false;
};

Told told(const Answer& answer) {
    Told all;
    for (const auto& frame : answer.frames) {
        REQUIRE(frame.text.starts_with("data: "));
        REQUIRE(frame.text.ends_with("\n\n"));
        REQUIRE_FALSE(all.done);
        const auto data = frame.text.substr(6, frame.text.size() - 8);
        if (data == "[DONE]") {
            all.done = true;
            continue;
        }
        const auto event = Json::parse(data);
        for (const auto& choice : event["choices"]) {
            const int index = choice["index"];
            if (choice.contains("delta")) all.text[index] += choice["delta"].value("content", "");
            if (choice.contains("text")) all.text[index] += choice["text"].get<std::string>();
            if (!choice["finish_reason"].is_null()) all.reason[index] = choice["finish_reason"];
        }
        if (event.contains("usage") && !event["usage"].is_null()) all.usage = event["usage"];
    }
    return all;
}

std::string refused(const std::string& body, Task task = Task::chat) {
    const auto question = question_of(task, body);
    const auto* none = std::get_if<NoQuestion>(&question);
    return none ? none->why : "not refused";
}

}  // namespace

TEST_CASE("the same question has the same answer, to the byte", "[mock]") {
    const auto question = asked_chat("Name three primes.");
    CHECK(answer_to(question).body == answer_to(question).body);
    CHECK(answer_to(question).request_id == answer_to(question).request_id);
    CHECK(answer_to(question).body != answer_to(asked_chat("Name four primes.")).body);
}

TEST_CASE("an answer is a sentence of 5 to 20 words, in the form of a chat completion", "[mock]") {
    for (int i = 0; i < 200; ++i) {
        const auto answer = answer_to(asked_chat("question " + std::to_string(i)));
        const auto body = Json::parse(answer.body);
        CHECK(body["object"] == "chat.completion");
        CHECK(body["model"] == "m");
        CHECK(body["choices"][0]["finish_reason"] == "stop");
        const std::string text = body["choices"][0]["message"]["content"];
        const auto words = 1 + std::count(text.begin(), text.end(), ' ');
        CHECK(words >= 5);
        CHECK(words <= 20);
        CHECK(text.back() == '.');
        CHECK(body["usage"]["completion_tokens"] == words);
        CHECK(answer.completion_tokens == static_cast<std::uint64_t>(words));
    }
}

TEST_CASE("what comes after echo: is the answer, exactly", "[mock]") {
    for (const std::string text : {" a  b\tc\n", "", " ", "x", "\"\\\x01 \xE2\x82\xAC \n\n end"}) {
        CAPTURE(text);
        const auto plain = Json::parse(answer_to(asked_chat("echo:" + text)).body);
        CHECK(plain["choices"][0]["message"]["content"] == text);
        const auto stream = told(answer_to(asked_chat("echo:" + text, R"(,"stream":true)")));
        CHECK(stream.text.at(0) == text);
    }
}

TEST_CASE("the last message of the user is the one that is echoed", "[mock]") {
    const auto question = asked(
        R"({"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"echo:a"},
            {"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"echo:"},
            {"type":"text","text":"b"}]},{"role":"assistant","content":null,"tool_calls":[]}]})"
    );
    CHECK(completion_of(question, 0).text == "b");
}

TEST_CASE("max_tokens cuts the answer and says so", "[mock]") {
    const auto body =
        Json::parse(answer_to(asked_chat("echo:one two three", R"(,"max_tokens":2)")).body);
    CHECK(body["choices"][0]["message"]["content"] == "one two");
    CHECK(body["choices"][0]["finish_reason"] == "length");
    CHECK(body["usage"]["completion_tokens"] == 2);
    const auto enough =
        Json::parse(answer_to(asked_chat("echo:one two three", R"(,"max_tokens":3)")).body);
    CHECK(enough["choices"][0]["finish_reason"] == "stop");
    const auto stream =
        told(answer_to(asked_chat("echo:a b c", R"(,"stream":true,"max_completion_tokens":1)")));
    CHECK(stream.text.at(0) == "a");
    CHECK(stream.reason.at(0) == "length");
}

TEST_CASE("a stream says word by word what the plain answer says", "[mock]") {
    for (const auto task : {Task::chat, Task::completion}) {
        const std::string said = task == Task::chat
                                     ? R"("messages":[{"role":"user","content":"hi"}])"
                                     : R"("prompt":"hi")";
        const auto plain = asked("{" + said + R"(,"n":3})", task);
        const auto stream = asked(
            "{" + said + R"(,"n":3,"stream":true,"stream_options":{"include_usage":true}})", task
        );
        const auto body = Json::parse(answer_to(plain).body);
        const auto events = told(answer_to(stream));
        REQUIRE(body["choices"].size() == 3);
        for (int i = 0; i < 3; ++i) {
            const auto choice = body["choices"][static_cast<std::size_t>(i)];
            CHECK(choice["index"] == i);
            CHECK(
                events.text.at(i) ==
                (task == Task::chat ? choice["message"]["content"] : choice["text"])
            );
            CHECK(events.reason.at(i) == "stop");
        }
        CHECK(events.text.at(0) != events.text.at(1));
        CHECK(events.usage == body["usage"]);
        CHECK(events.done);
    }
}

TEST_CASE("a stream begins with the role and tells its usage only if asked", "[mock]") {
    const auto answer = answer_to(asked_chat("hi", R"(,"stream":true)"));
    CHECK(answer.frames.front().kind == Frame::Kind::opening);
    CHECK(answer.frames.front().text.find(R"("role":"assistant")") != std::string::npos);
    CHECK(told(answer).usage.is_null());
    CHECK(answer.frames.back().text == "data: [DONE]\n\n");
}

TEST_CASE("an embedding is a vector for each input, the same each time", "[mock]") {
    const auto one =
        Json::parse(answer_to(asked(R"({"model":"m","input":"a"})", Task::embedding)).body);
    const auto two =
        Json::parse(answer_to(asked(R"({"model":"m","input":["b","a"]})", Task::embedding)).body);
    REQUIRE(two["data"].size() == 2);
    CHECK(two["data"][1]["index"] == 1);
    CHECK(one["data"][0]["embedding"] == two["data"][1]["embedding"]);
    CHECK(two["data"][0]["embedding"] != two["data"][1]["embedding"]);
    CHECK(one["data"][0]["embedding"].size() == 8);
    for (const double number : one["data"][0]["embedding"]) CHECK(std::abs(number) <= 1);
    const auto wide = asked(R"({"input":"a","dimensions":100})", Task::embedding);
    CHECK(Json::parse(answer_to(wide).body)["data"][0]["embedding"].size() == 100);
}

TEST_CASE("what is no question is refused with the reason", "[mock]") {
    const std::string said = R"("messages":[{"role":"user","content":"x"}])";
    CHECK(refused("") == "the body is not JSON");
    CHECK(refused("{\"messages\":\"\xFF\"}") == "the body is not JSON");
    CHECK(refused("{} {}") == "the body is not JSON");
    CHECK(refused(std::string(1'000'000, '[')) == "the body is not JSON");
    CHECK(refused("[]") == "the body must be a JSON object");
    CHECK(refused("{}") == "messages must be a list with at least one message");
    CHECK(refused(R"({"messages":[]})") == "messages must be a list with at least one message");
    CHECK(refused(R"({"messages":[3]})") == "every message must have a role");
    CHECK(refused(R"({"messages":[{"role":"user"}]})") == "every message must have a content");
    CHECK(refused("{" + said + R"(,"max_tokens":0})").starts_with("max_tokens must be"));
    CHECK(refused("{" + said + R"(,"max_tokens":-1})").starts_with("max_tokens must be"));
    CHECK(refused("{" + said + R"(,"max_tokens":1e300})").starts_with("max_tokens must be"));
    CHECK(refused("{" + said + R"(,"n":129})").starts_with("n must be"));
    CHECK(refused("{" + said + R"(,"stream":1})") == "stream must be true or false");
    CHECK(refused("{" + said + R"(,"model":7})") == "model must be a text");
    CHECK(refused("{" + said + R"(,"stream_options":{}})").starts_with("stream_options may only"));
    CHECK(refused("{}", Task::completion) == "prompt must be a text");
    CHECK(
        refused(R"({"input":[1]})", Task::embedding) == "input must be a text or a list of texts"
    );
}
