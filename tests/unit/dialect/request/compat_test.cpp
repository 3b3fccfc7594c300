#include "dialect/request/compat.hpp"

#include "dialect/request/body.hpp"
#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"

using namespace skein;

namespace {

using Words = std::vector<std::string>;

std::string body_with(
    const Words& words, const std::string& body, const std::string& path = "/v1/chat/completions"
) {
    const auto prepared = *prepare({.body = body, .path = path});
    const auto own = common_body({.compat = words}, prepared, 0);
    return own.value_or(prepared.body);
}

}  // namespace

TEST_CASE("Each compat word writes a body as its server takes it.", "[dialect]") {
    struct Row {
        Words words;
        std::string asked;
        std::string sent;
    };
    for (const auto& [words, asked, sent] : std::vector<Row>{
             {{"max_tokens"},
              R"({"max_completion_tokens":5,"x":[1]})",
              R"({"max_tokens":5,"x":[1]})"},
             {{"max_tokens"}, R"({"max_tokens":6})", R"({"max_tokens":6})"},
             {{"max_tokens"},
              R"({"max_completion_tokens":5,"max_tokens":6})",
              R"({"max_tokens":6})"},
             {{"max_tokens"},
              R"({"max_tokens":null,"max_completion_tokens":5})",
              R"({"max_tokens":5})"},
             {{"max_tokens"}, R"({"max_completion_tokens":null,"a":1})", R"({"a":1})"},
             {{"max_completion_tokens"},
              R"({"max_tokens":1e2,"a":1})",
              R"({"max_completion_tokens":1e2,"a":1})"},
             {{"random_seed"}, R"({"seed":7,"a":"seed"})", R"({"random_seed":7,"a":"seed"})"},
             {{"random_seed"}, R"({"random_seed":8,"seed":7})", R"({"random_seed":8})"},
             {{"no_stream_options"},
              R"({"stream":true,"stream_options":{"include_usage":true},"a":1})",
              R"({"stream":true,"a":1})"},
             {{"no_stream_options"}, R"({"stream":true})", R"({"stream":true})"},
             {{"null_finish_reason", "router"}, R"({"seed":7})", R"({"seed":7})"},
             {{"max_tokens", "random_seed", "no_stream_options"},
              R"({"stream":true,"seed":1,"max_completion_tokens":2})",
              R"({"stream":true,"random_seed":1,"max_tokens":2})"},
         }) {
        CAPTURE(words, asked);
        CHECK(body_with(words, asked) == sent);
    }
}

TEST_CASE("Completions know one name of the limit of tokens, whatever compat says.", "[dialect]") {
    const std::string path = "/v1/completions";
    const std::string limit = R"({"prompt":"a","max_tokens":5})";
    CHECK(body_with({"max_completion_tokens"}, limit, path) == limit);
    CHECK(
        body_with({"random_seed"}, R"({"prompt":"a","seed":5})", path) ==
        R"({"prompt":"a","random_seed":5})"
    );
}

TEST_CASE("Compat leaves bodies alone whose operation is not known.", "[dialect]") {
    const std::string body = R"({"seed":1,"max_tokens":2})";
    CHECK(body_with({"random_seed", "max_completion_tokens"}, body, "/v1/rerank") == body);
}

TEST_CASE("The endpoint's own limit of tokens has the name that compat says.", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"messages":[]})"});
    const auto own =
        common_body({.max_tokens = 9, .compat = {"max_completion_tokens"}}, prepared, 0);
    CHECK(own == R"({"messages":[],"max_completion_tokens":9})");
}

TEST_CASE("Drop names members as the row has them, before compat renames them.", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"seed":1,"a":2})"});
    CHECK(common_body({.drop = {"seed"}, .compat = {"random_seed"}}, prepared, 0) == R"({"a":2})");
}

TEST_CASE("A body for an endpoint without compat words is not copied.", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"seed":1,"stream":true})"});
    CHECK_FALSE(common_body({}, prepared, 0));
    CHECK(common_body({.compat = {"router"}}, prepared, 0) == prepared.body);
}
