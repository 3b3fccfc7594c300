#include "report/text.hpp"

#include "support/catch.hpp"

#include <limits>
#include <utility>

namespace skein::report {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Durations are shown in a suitable unit.", "[app]") {
    const std::vector<std::pair<Duration, std::string>> table{
        {0s, "0 us"},
        {7us, "7 us"},
        {499us, "499 us"},
        {1ms, "1 ms"},
        {212ms, "212 ms"},
        {999ms, "999 ms"},
        {999'600us, "1.0 s"},
        {1s, "1.0 s"},
        {41'800ms, "41.8 s"},
        {99'940ms, "99.9 s"},
        {99'960ms, "1 min 40 s"},
        {125s, "2 min 05 s"},
        {3599s, "59 min 59 s"},
        {1h, "1 h 00 min"},
        {7500s, "2 h 05 min"},
        {400h, "400 h 00 min"}};
    for (const auto& [duration, text] : table) CHECK(duration_text(duration) == text);
}

TEST_CASE("Counts are shown in groups of three digits.", "[app]") {
    const std::vector<std::pair<std::uint64_t, std::string>> table{
        {0, "0"},
        {999, "999"},
        {1000, "1 000"},
        {1319, "1 319"},
        {999'999, "999 999"},
        {1'000'000, "1 000 000"},
        {std::numeric_limits<std::uint64_t>::max(), "18 446 744 073 709 551 615"}};
    for (const auto& [count, text] : table) CHECK(count_text(count) == text);
}

TEST_CASE("Small rates have one decimal, and large ones have none.", "[app]") {
    const std::vector<std::pair<double, std::string>> table{
        {0, "0.0"}, {0.3, "0.3"}, {9.94, "9.9"}, {10, "10"}, {42.4, "42"}, {1318.6, "1 319"}};
    for (const auto& [rate, text] : table) CHECK(rate_text(rate) == text);
}

TEST_CASE("Memory is shown in GiB with one decimal.", "[app]") {
    const std::vector<std::pair<std::uint64_t, std::string>> table{
        {0, "0.0"}, {std::uint64_t{1} << 30, "1.0"}, {85'520'809'984, "79.6"}};
    for (const auto& [bytes, text] : table) CHECK(gib_text(bytes) == text);
}

TEST_CASE("Shares are shown in percent.", "[app]") {
    CHECK(share_text(0) == "0.0 %");
    CHECK(share_text(0.0214) == "2.1 %");
    CHECK(share_text(1) == "100.0 %");
}

}  // namespace
}  // namespace skein::report
