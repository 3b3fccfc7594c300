#include "dialect/request/request_reader.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"

using namespace skein;

namespace {

Request there_and_back(const Request& request) {
    const auto prepared = prepare(request);
    if (!prepared) FAIL(prepared.error().detail);
    return request_from(*prepared);
}

Request body(std::string text, std::string path = "/v1/chat/completions") {
    return {.body = std::move(text), .path = std::move(path)};
}

}  // namespace

TEST_CASE("An in-process model gets the request of the caller.", "[dialect]") {
    const auto asked = there_and_back({
        .messages = {{.role = "system", .content = "Be terse."}, {.content = "Why \"so\"?\n"}},
        .model = "small",
        .temperature = 0.25,
        .max_tokens = 64,
        .stream = true,
        .deadline = std::chrono::seconds{5},
    });
    REQUIRE(asked.messages.size() == 2);
    CHECK(asked.messages[0].role == "system");
    CHECK(asked.messages[0].content == "Be terse.");
    CHECK(asked.messages[1].role == "user");
    CHECK(asked.messages[1].content == "Why \"so\"?\n");
    CHECK(asked.prompt.empty());
    CHECK(asked.path == "/v1/chat/completions");
    CHECK(asked.model == "small");
    CHECK(asked.temperature == 0.25);
    CHECK(asked.max_tokens == 64);
    CHECK(asked.stream);
    CHECK(asked.deadline == Duration{std::chrono::seconds{5}});
}

TEST_CASE(
    "A prompt is read as a message, except for an operation that takes prompts.", "[dialect]"
) {
    const auto chat = there_and_back({.prompt = "Why?"});
    REQUIRE(chat.messages.size() == 1);
    CHECK(chat.messages[0].content == "Why?");
    for (const auto* path : {"/v1/completions", "/v1/embeddings"}) {
        const auto asked = there_and_back({.prompt = "Why?", .path = path});
        CHECK(asked.prompt == "Why?");
        CHECK(asked.messages.empty());
        CHECK(asked.path == path);
    }
}

TEST_CASE("Members that the request does not set are not set for the model.", "[dialect]") {
    const auto asked = there_and_back({.prompt = "Why?"});
    CHECK_FALSE(asked.temperature);
    CHECK_FALSE(asked.max_tokens);
    CHECK_FALSE(asked.deadline);
    CHECK_FALSE(asked.stream);
    CHECK(asked.model.empty());
}

TEST_CASE("The body for the model has all members except the model's name.", "[dialect]") {
    const auto asked = there_and_back(body(
        R"({"messages":[{"role":"user","content":"x"}],"model":"m","top_k":3,"temperature":1})"
    ));
    CHECK(
        asked.body == R"({"messages":[{"role":"user","content":"x"}],"top_k":3,"temperature":1})"
    );
    CHECK(asked.model == "m");
    CHECK(asked.temperature == 1.0);
}

TEST_CASE("The model gets the text of content in parts.", "[dialect]") {
    const auto asked = there_and_back(
        body(R"({"messages":[{"role":"user","content":[{"type":"text","text":"Wh"},)"
             R"({"type":"image_url","image_url":{"url":"data:"}},{"type":"text","text":"y?"}]},)"
             R"({"role":"assistant","content":null},{"content":"so"},7]})")
    );
    REQUIRE(asked.messages.size() == 4);
    CHECK(asked.messages[0].content == "Why?");
    CHECK(asked.messages[1].role == "assistant");
    CHECK(asked.messages[1].content.empty());
    CHECK(asked.messages[2].role == "user");
}

TEST_CASE("The member max_completion_tokens counts before max_tokens.", "[dialect]") {
    const auto max = [](const std::string& members) {
        return there_and_back(body("{\"messages\":[]," + members + "}")).max_tokens;
    };
    CHECK(max(R"("max_tokens":5)") == 5);
    CHECK(max(R"("max_completion_tokens":6,"max_tokens":5)") == 6);
    CHECK_FALSE(max(R"("max_tokens":null)"));
    CHECK_FALSE(max(R"("max_tokens":"many")"));
}

TEST_CASE("A list of prompts is read only if it has one element.", "[dialect]") {
    const auto prompt = [](const std::string& value) {
        return there_and_back(body("{\"prompt\":" + value + "}", "/v1/completions")).prompt;
    };
    CHECK(prompt(R"(["Why?"])") == "Why?");
    CHECK(prompt(R"(["Why?","How?"])").empty());
    CHECK(prompt("[1,2,3]").empty());
    CHECK(prompt("[]").empty());
}
