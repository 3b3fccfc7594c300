#include "model/headers.hpp"

#include "support/catch.hpp"

using namespace skein;

TEST_CASE("A header is found in any case, and the first of several equal names wins.", "[model]") {
    Headers headers;
    headers.add("Retry-After", "1");
    headers.add("retry-after", "2");
    CHECK(headers.get("RETRY-AFTER") == "1");
    CHECK(headers.get("retry-afte") == std::nullopt);
    CHECK(headers.lines().size() == 2);
    headers.clear();
    CHECK(headers.get("retry-after") == std::nullopt);
}
