#include "dialect/http/wall_time.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;

namespace {

const WallTime now{1696004797s};  // Fri, 29 Sep 2023 16:26:37 GMT

}  // namespace

TEST_CASE("An HTTP date is read only in the form that HTTP allows senders.", "[dialect]") {
    CHECK(parse_http_date("Fri, 29 Sep 2023 16:26:37 GMT") == now);
    CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"));
    CHECK(parse_http_date("Fri, 29 Sep 2023 16:26:60 GMT") == now + 23s);  // A leap second.
    for (const std::string text :
         {"Friday, 29-Sep-23 16:26:37 GMT",
          "Fri Sep 29 16:26:37 2023",
          "Fri, 29 Sep 2023 16:26:37 UTC",
          "Fri, 29 sep 2023 16:26:37 GMT",
          "Fry, 29 Sep 2023 16:26:37 GMT",
          "Wed, 29 Feb 2023 00:00:00 GMT",
          "Fri, 29 Sep 2023 24:00:00 GMT",
          "Fri, 29 Sep 1969 16:26:37 GMT",
          "Fri, 29 Sep 9999 16:26:37 GMT",
          "Fri, 29 Sep 2023 16:26:37 GMT ",
          "1696004797",
          ""}) {
        INFO(text);
        CHECK_FALSE(parse_http_date(text));
    }
}

TEST_CASE("An RFC 3339 time is read with its fraction and its offset.", "[dialect]") {
    CHECK(parse_rfc3339("2023-09-29T16:26:37Z") == now);
    CHECK(parse_rfc3339("2023-09-29t16:26:37z") == now);
    CHECK(parse_rfc3339("2023-09-29T18:56:37+02:30") == now);
    CHECK(parse_rfc3339("2023-09-29T11:26:37.000-05:00") == now);
    CHECK(parse_rfc3339("2023-09-29T16:26:37.123456789Z") == now + 123'456'789ns);
    CHECK(parse_rfc3339("2024-02-29T00:00:00Z"));
    for (const std::string text :
         {"2023-02-29T00:00:00Z",
          "2023-09-29",
          "2023-09-29T16:26:37.Z",
          "2023-09-29T16:26:61Z",
          "2023-09-29X16:26:37Z",
          "0000-00-00T00:00:00Z",
          "9999-12-31T23:59:59Z",
          "2023-09-29T16:26:37ZZ",
          ""}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}
