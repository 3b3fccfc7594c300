#include "dialect/http/redact.hpp"

#include "support/catch.hpp"

using namespace skein;

TEST_CASE("A key in the query of the URL is redacted, and other parameters are not.", "[dialect]") {
    const Endpoint endpoint{
        .url = "https://h/v1?api-version=2024-10-21&key=CANARY-1&code=bunting==&x"};
    CHECK(
        redacted("2024-10-21: CANARY-1 and bunting== are wrong", endpoint) ==
        "2024-10-21: [key] and [key] are wrong"
    );
    CHECK(redacted("x", {.url = "https://h?key="}) == "x");
    CHECK(redacted("x", {.url = "https://h?"}) == "x");
}
