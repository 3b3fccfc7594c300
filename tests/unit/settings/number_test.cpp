#include "settings/number.hpp"

#include "support/catch.hpp"

using namespace skein::config;

TEST_CASE("A whole number consists of decimal digits alone.", "[config]") {
    CHECK(parse_whole("0") == 0u);
    CHECK(parse_whole("42") == 42u);
    CHECK(parse_whole("18446744073709551615") == 18446744073709551615u);
    for (const auto* text :
         {"",
          "-1",
          "+1",
          "010",
          "00",
          "0x10",
          "0o7",
          "1_000",
          "1,000",
          "1e3",
          "1.0",
          " 1",
          "1 ",
          "18446744073709551616",
          "99999999999999999999999",
          "ten",
          "\xD9\xA3"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_whole(text));
    }
}

TEST_CASE("A decimal number has digits on both sides of its point.", "[config]") {
    CHECK(parse_decimal("3000") == 3000.0);
    CHECK(parse_decimal("0.5") == 0.5);
    CHECK(parse_decimal("12.250") == 12.25);
    for (const auto* text :
         {"",
          ".",
          ".5",
          "5.",
          "-0.5",
          "+1",
          "1e30",
          "01.5",
          "1.5.0",
          "1,5",
          ".nan",
          ".inf",
          "nan",
          "inf",
          "0x1p3",
          "1.5 "}) {
        CAPTURE(text);
        CHECK_FALSE(parse_decimal(text));
    }
}

TEST_CASE("A size is a number of bytes, with a unit of powers of 1000 or 1024.", "[config]") {
    CHECK(parse_size("4096") == 4096u);
    CHECK(parse_size("4096B") == 4096u);
    CHECK(parse_size("256kB") == 256'000u);
    CHECK(parse_size("64MB") == 64'000'000u);
    CHECK(parse_size("1GB") == 1'000'000'000u);
    CHECK(parse_size("256KiB") == 262'144u);
    CHECK(parse_size("64MiB") == 67'108'864u);
    CHECK(parse_size("2GiB") == 2'147'483'648u);
    for (const auto* text :
         {"",
          "MB",
          "1 MB",
          "1mb",
          "1KB",
          "1k",
          "-1MB",
          "01MB",
          "1.5MB",
          "1MBB",
          "20000000000GiB"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}
