#include "dialect/request/paths.hpp"

#include "support/catch.hpp"

#include <string>

using namespace skein;

TEST_CASE("An operation is recognised behind any gateway, version or deployment.", "[dialect]") {
    for (const auto* path :
         {"/v1/chat/completions",
          "chat/completions",
          "/v4/chat/completions",
          "/api/paas/v4/chat/completions",
          "/openai/v1/chat/completions/",
          "/compatible-mode/v1/chat/completions",
          "/inference/v1/chat/completions",
          "/deployments/d/chat/completions",
          "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"}) {
        INFO(path);
        CHECK(operation_of(path) == Operation::chat);
    }
    CHECK(operation_of("/v1/completions") == Operation::completion);
    CHECK(operation_of("/openai/deployments/d/embeddings") == Operation::embedding);
}

TEST_CASE("A path that only ends like a known operation is another operation.", "[dialect]") {
    for (const auto* path :
         {"/v1/fim/completions",
          "/v1/agents/completions",
          "/v1/multimodal/embeddings",
          "/v1/embeddings/multimodal",
          "/v1/chat/completions/x",
          "/deployments",
          "/v1",
          "",
          "/score?x=/chat/completions"}) {
        INFO(path);
        CHECK(operation_of(path) == Operation::other);
    }
}

TEST_CASE("A path of a known operation becomes the usual path, and any other stays.", "[dialect]") {
    CHECK(*read_path("/chat/completions") == "/v1/chat/completions");
    CHECK(*read_path("v1/embeddings") == "/v1/embeddings");
    CHECK(*read_path("/v4/embeddings") == "/v4/embeddings");
    CHECK(*read_path("responses") == "/responses");
    CHECK(*read_path("/completions?a=b") == "/completions?a=b");
}

TEST_CASE("The view of a copied path outlives the original path.", "[dialect]") {
    ApiPath copy;
    {
        const auto path = *read_path("/score");
        copy = path;
    }
    CHECK(copy == "/score");
}
