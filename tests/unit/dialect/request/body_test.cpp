#include "dialect/request/body.hpp"

#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"

using namespace skein;

TEST_CASE(
    "The body names the endpoint's model, or else the request's, or else none.", "[dialect]"
) {
    for (const std::string usual : {"", "asked", "own", "own \"x\""}) {
        const auto body = [&](const Endpoint& endpoint, std::string_view own, bool is_empty = false
                          ) {
            Request request{.body = is_empty ? "{}" : R"({"messages":[]})"};
            request.model = own;
            const auto prepared = *prepare(request, usual);
            auto text = body_for(endpoint, prepared);
            // The prepared body is sent only if it equals the body for the endpoint.
            CHECK((!is_ready_for(endpoint, prepared) || text == prepared.body));
            return text;
        };
        INFO("usual: " << usual);
        CHECK(body({}, "") == R"({"messages":[]})");
        CHECK(body({}, "asked") == R"({"model":"asked","messages":[]})");
        CHECK(body({.model = "own"}, "asked") == R"({"model":"own","messages":[]})");
        CHECK(body({.model = "owns"}, "asked") == R"({"model":"owns","messages":[]})");
        CHECK(body({.model = "own \"x\""}, "") == R"({"model":"own \"x\"","messages":[]})");
        CHECK(body({}, "asked", true) == R"({"model":"asked"})");
        CHECK(body({}, "", true) == "{}");
    }
}

TEST_CASE("An added member can be left out of a body without other changes.", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"x":[1],"stream":true})"}, "m");
    const std::string with =
        R"({"model":"m","x":[1],"stream":true,"stream_options":{"include_usage":true}})";
    CHECK(body_for({.model = "m"}, prepared) == with);
    CHECK(
        body_for({.model = "m"}, prepared, adds_stream_options) ==
        R"({"model":"m","x":[1],"stream":true})"
    );
    CHECK(
        body_for({.model = "n"}, prepared, adds_stream_options) ==
        R"({"model":"n","x":[1],"stream":true})"
    );
    const auto own =
        *prepare({.body = R"({"stream":true,"stream_options":{"include_usage":true}})"});
    CHECK(body_for({}, own, adds_stream_options) == own.body);
}

TEST_CASE("The prepared body is sent unchanged if its model is the usual one.", "[dialect]") {
    const auto prepared = *prepare({.prompt = "p"}, "m");
    CHECK(is_ready_for({.model = "m"}, prepared));
    CHECK_FALSE(is_ready_for({.model = "n"}, prepared));
    CHECK_FALSE(is_ready_for({}, prepared));
    CHECK(is_ready_for({}, *prepare({.prompt = "p"})));
    CHECK(is_ready_for({}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "m"}, *prepare({.prompt = "p", .model = "own"})));
    CHECK_FALSE(is_ready_for({.model = "a\\\""}, *prepare({.prompt = "p", .model = "a\""})));
}

TEST_CASE("The usual model is the model that all endpoints ask for.", "[dialect]") {
    CHECK(usual_model({}).empty());
    CHECK(usual_model({{.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "a"}}) == "a");
    CHECK(usual_model({{.model = "a"}, {.model = "b"}}).empty());
    CHECK(usual_model({{.model = "a"}, {}}).empty());
}

TEST_CASE("The drop of an endpoint leaves members out of a body.", "[dialect]") {
    const auto prepared = *prepare({.body = R"({"seed":1,"n":1,"messages":[]})"}, "m");
    const Endpoint endpoint{.model = "m", .drop = {"seed", "n", "unknown"}};
    CHECK(common_body(endpoint, prepared, 0) == R"({"model":"m","messages":[]})");
    CHECK(!common_body({.model = "m"}, prepared, 0));
}

TEST_CASE("The max_tokens of an endpoint limits requests that set no limit.", "[dialect]") {
    const Endpoint endpoint{.model = "m", .max_tokens = 64};
    CHECK(
        common_body(endpoint, *prepare({.body = R"({"messages":[]})"}, "m"), 0) ==
        R"({"model":"m","messages":[],"max_tokens":64})"
    );
    CHECK(!common_body(endpoint, *prepare({.body = R"({"max_completion_tokens":5})"}, "m"), 0));
    const auto embedding = *prepare({.prompt = "p", .path = "/v1/embeddings"}, "m");
    CHECK(!common_body(endpoint, embedding, 0));
}

TEST_CASE("Members are added to a body, and replace those of the same name.", "[dialect]") {
    CHECK(
        with_members(R"({"a":1,"b":[2, {"c":3}]})", R"({"b":"\"","d":null})") ==
        R"({"a":1,"b":"\"","d":null})"
    );
    CHECK(with_members("{}", R"({"a":1})") == R"({"a":1})");
    CHECK(with_members(R"({"a":1})", "{}") == R"({"a":1})");
    CHECK(without_members(R"({"a":1})", std::vector<std::string>{"a"}) == "{}");
}
