#include "settings/duration.hpp"

#include "support/catch.hpp"

using namespace skein::config;
using namespace std::chrono_literals;

TEST_CASE("A duration is a number and a unit.", "[config]") {
    CHECK(parse_duration("250us") == 250us);
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0.000001s") == 1us);
    CHECK(parse_duration("10m") == 10min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("0.5h") == 30min);
    CHECK(parse_duration("0s") == 0s);
    CHECK(parse_duration("8760h") == max_duration);
}

TEST_CASE("A text that is not clearly a duration is refused.", "[config]") {
    for (const auto* text :
         {"",       "10",         "s",     "ms",   "10 s", "10sec", "10S", "10d",
          "-1s",    "+1s",        "010s",  "1_0s", "1e3s", "1.s",   ".5s", "1..5s",
          "1.5.5s", "1.0000001s", "1h30m", "infs", "10s ", "0x1s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("A duration longer than a year is refused, without overflow.", "[config]") {
    for (const auto* text :
         {"8761h",
          "8760.000001h",
          "525601m",
          "99999999999999999999h",
          "18446744073709551615h",
          "9223372036854775807us",
          "18446744073709552us",  // 384 ns if 64 bits overflow.
          "31536000.5s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
    CHECK(parse_duration("31536000s") == max_duration);
}
