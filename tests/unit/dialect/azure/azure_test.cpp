#include "dialect/azure/azure.hpp"

#include "dialect/dialects.hpp"
#include "dialect/request/request_writer.hpp"
#include "support/catch.hpp"
#include "unit/dialect/read_answer.hpp"

#include <algorithm>

using namespace skein;

namespace {

std::vector<std::string> lines_for(const Endpoint& endpoint) {
    HeaderLines lines{endpoint};
    azure.sign(lines, endpoint);
    return lines.take();
}

std::string address_of(Endpoint endpoint, const Request& request) {
    endpoint.api = Api::azure;
    endpoint.url = "http://127.0.0.1:1";
    return shown_address(endpoint, *prepare(request));
}

}  // namespace

TEST_CASE(
    "With a version a deployment of Azure stands in the path, and else in the body.", "[azure]"
) {
    const Request chat{.prompt = "p"};
    CHECK(
        address_of({.model = "my deployment", .api_version = "2024-10-21"}, chat) ==
        "http://127.0.0.1:1/openai/deployments/my%20deployment/chat/completions"
        "?api-version=2024-10-21"
    );
    CHECK(address_of({.model = "d"}, chat) == "http://127.0.0.1:1/openai/v1/chat/completions");
    const Request embedding{.prompt = "p", .path = "/v1/embeddings", .model = "e"};
    CHECK(
        address_of({.api_version = "2024-10-21"}, embedding) ==
        "http://127.0.0.1:1/openai/deployments/e/embeddings?api-version=2024-10-21"
    );
    CHECK(
        shown_address(
            {.api = Api::azure, .url = "http://h/openai/deployments/d?api-version=2024-10-21"},
            *prepare(chat)
        ) == "http://h/openai/deployments/d/chat/completions?api-version=2024-10-21"
    );
    CHECK(address_of({}, embedding) == "http://127.0.0.1:1/openai/v1/embeddings");
}

TEST_CASE("Azure gets its key as api-key, or a token of Entra as a bearer token.", "[azure]") {
    CHECK(std::ranges::count(lines_for({.api_key = Secret{"CANARY"}}), "api-key: CANARY") == 1);
    const auto bearer = lines_for({.api_key = Secret{"CANARY"}, .auth = Auth::bearer});
    CHECK(std::ranges::count(bearer, "Authorization: Bearer CANARY") == 1);
    CHECK(bearer.size() == 3);
    CHECK(lines_for({}).size() == 2);
}

TEST_CASE(
    "Azure is asked for chats, completions and embeddings of a named deployment.", "[azure]"
) {
    const Endpoint classic{.name = "a", .api = Api::azure, .api_version = "2024-10-21"};
    CHECK(
        misfit(classic, *prepare({.prompt = "p"})) ==
        "endpoint a: azure needs the name of a deployment: set the endpoint's model"
    );
    CHECK(!misfit(classic, *prepare({.prompt = "p", .model = "d"})));
    CHECK(misfit(classic, *prepare({.prompt = "p", .model = ".."})));
    const auto other = *prepare({.body = "{}", .path = "/v1/rerank"});
    CHECK(misfit(classic, other)->find("not for /v1/rerank") != std::string::npos);
}

TEST_CASE("The model behind a deployment of Azure is not compared with its name.", "[azure]") {
    const Endpoint endpoint{.api = Api::azure, .model = "my-deployment"};
    AnswerReader reader{*prepare({.prompt = "p"}), endpoint, ReadLimits{}};
    reader.head(200, Headers{});
    reader.body(
        R"({"model":"gpt-5","choices":[{"message":{"content":"c"},"finish_reason":"stop"}]})",
        TimePoint{}
    );
    const auto outcome = reader.finish(WallTime{});
    CHECK(!std::get<Completion>(outcome).model_mismatch);
}
