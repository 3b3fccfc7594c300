#include "settings/check/check_settings.hpp"
#include "support/catch.hpp"

using namespace skein;

namespace {

std::string wrong_with(const Endpoint& endpoint) {
    const auto wrong = check_settings({.endpoints = {endpoint}});
    return wrong ? wrong->where + ": " + wrong->what : std::string{};
}

}  // namespace

TEST_CASE("Compat words are for the APIs that speak as OpenAI does.", "[settings]") {
    CHECK(wrong_with({.url = "mock:", .compat = {"router", "random_seed"}}).empty());
    CHECK(wrong_with({.api = Api::azure, .url = "mock:", .compat = {"max_tokens"}}).empty());
    for (const auto api : {Api::anthropic, Api::gemini, Api::responses}) {
        CHECK(
            wrong_with({.api = api, .url = "mock:", .compat = {"router"}}) ==
            "endpoints[0].compat: compat is for api openai and azure; leave it out"
        );
    }
    CHECK(
        wrong_with({.url = "mock:", .compat = {"router", "routre"}}) ==
        "endpoints[0].compat[1]: compat has no word 'routre'; did you mean 'router'?"
    );
}
