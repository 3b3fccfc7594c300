#include "support/catch.hpp"
#include "unit/dialect/gemini/ask.hpp"

using namespace skein;
using namespace skein::test;

TEST_CASE("Each text to embed is one request of Gemini's, with the model in each.", "[gemini]") {
    CHECK(
        body_sent(embedding_of(R"({"model":"m","input":["one","t\"o"],"dimensions":8})")) ==
        R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"one"}]},"outputDimensionality":8},{"model":"models/m","content":{"parts":[{"text":"t\"o"}]},"outputDimensionality":8}]})"
    );
    CHECK(
        body_sent(embedding_of(R"({"input":"one","encoding_format":"float","user":null})")) ==
        R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"one"}]}}]})"
    );
}

TEST_CASE("Members that an endpoint of Gemini drops are not in its embeddings.", "[gemini]") {
    auto endpoint = gemini_endpoint();
    endpoint.drop = {"user", "dimensions", "encoding_format"};
    CHECK(
        body_sent(
            embedding_of(R"({"input":["a"],"dimensions":8,"user":"u","encoding_format":"base64"})"),
            endpoint
        ) == R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}}]})"
    );
}
