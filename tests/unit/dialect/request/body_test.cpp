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
