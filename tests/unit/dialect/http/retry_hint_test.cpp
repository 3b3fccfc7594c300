#include "dialect/http/retry_hint.hpp"

#include "dialect/http/go_duration.hpp"
#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;

namespace {

const WallTime now{1696004797s};  // Fri, 29 Sep 2023 16:26:37 GMT

using Hint = std::optional<Duration>;
using Lines = std::vector<std::pair<std::string, std::string>>;

Hint hint(const Lines& lines, const BodyHint& body = {}) {
    Headers headers;
    for (const auto& [name, value] : lines) headers.add(name, value);
    return retry_hint(headers, body, now);
}

Hint after(const std::string& value) { return hint({{"retry-after", value}}); }

const Hint none;

}  // namespace

TEST_CASE("Retry-After is read as seconds or as a date.", "[dialect]") {
    struct Row {
        std::string value;
        Hint expected;
    };
    for (const auto& row : std::vector<Row>{
             {"20", 20s},
             {"60", 60s},
             {"120", 120s},
             {"121", 121s},
             {"86400", 24h},
             {"99999999", 99999999s},
             {"0.5", 500ms},
             {" 2 ", 2s},
             {"1e2", 100s},
             {"0", none},
             {"-10", none},
             {"", none},
             {" ", none},
             {"nan", none},
             {"inf", none},
             {"-inf", none},
             {"9e34", none},
             {"1e400", none},
             {"1e-30", none},
             {"20s", none},
             {"0x10", none},
             {"Fri, 29 Sep 2023 16:26:57 GMT", 20s},
             {"Fri, 29 Sep 2023 16:26:37 GMT", none},
             {"Fri, 29 Sep 2023 16:26:27 GMT", none},
             {"Sat, 30 Sep 2023 16:26:37 GMT", 24h},
             {"Zun, 29 Sep 2023 16:26:57 GMT", none},
             {"Fri, 29 Sep 100000 16:26:57 GMT", none},
             {"Fri, 29 Sep 9999 16:26:57 GMT", none},
             {"Fri, 31 Sep 2023 16:26:57 GMT", none},
             {"Fri, 29 Foo 2023 16:26:57 GMT", none},
             {"Fri, 29 Sep 2023 25:26:57 GMT", none},
             {"Fri, 29 Sep 2023 16:26:57 PST", none},
             {std::string(10'000, '9'), none},
         }) {
        INFO(row.value);
        CHECK(after(row.value) == row.expected);
    }
}

TEST_CASE(
    "Retry-After-Ms comes before Retry-After, and an invalid header does not count.", "[dialect]"
) {
    CHECK(hint({{"Retry-After", "20"}, {"Retry-After-Ms", "1500"}}) == 1500ms);
    CHECK(hint({{"retry-after-ms", "0.5"}}) == 500us);
    CHECK(hint({{"retry-after-ms", "soon"}, {"retry-after", "20"}}) == 20s);
    CHECK(hint({{"retry-after-ms", "-1"}, {"retry-after", "0"}}) == none);
    CHECK(hint({{"retry-after", "0"}}, {"3s", ""}) == 3s);
    CHECK(hint({{"retry-after", "7"}}, {"3s", "try again in 5s"}) == 7s);
    CHECK(hint({}, {"3s", "try again in 5s"}) == 3s);
    CHECK(
        hint(
            {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "9s"}},
            {"", "try again in 5s"}
        ) == 5s
    );
}

TEST_CASE("A date in Retry-After is relative to the Date of the answer.", "[dialect]") {
    for (const auto& own : {"Fri, 29 Sep 2023 15:26:37 GMT", "Fri, 29 Sep 2023 17:26:37 GMT"}) {
        const std::string date{own};
        auto later = date;
        later.replace(20, 2, "27");
        CHECK(hint({{"retry-after", later}, {"Date", date}}) == 60s);
    }
    CHECK(hint({{"retry-after", "Fri, 29 Sep 2023 16:26:57 GMT"}, {"date", "yesterday"}}) == 20s);
}

TEST_CASE("A delay in the body is a Go duration.", "[dialect]") {
    CHECK(hint({}, {"0.421239755s", ""}) == 421'239'755ns);
    CHECK(hint({}, {"58s", ""}) == 58s);
    CHECK(hint({}, {"0s", ""}) == none);
    CHECK(hint({}, {"-5s", ""}) == none);
    CHECK(hint({}, {"58", ""}) == none);
    CHECK(hint({}, {"99999999999999999999h", ""}) == none);
}

TEST_CASE("A pause in the usual words of a message is understood.", "[dialect]") {
    struct Row {
        std::string message;
        Hint expected;
    };
    for (const auto& row : std::vector<Row>{
             {"Rate limit reached. Please try again in 6.305s. Visit …", 6305ms},
             {"Please try again in 20ms.", 20ms},
             {"Please try again in 1m30.5s", 90500ms},
             {"Please retry in 10h17m5.7s.", 10h + 17min + 5700ms},
             {"Please Try Again In 26 seconds.", 26s},
             {"Please retry after 1 second.", 1s},
             {"Please retry after 2 minutes.", 2min},
             {"Please retry after 86400 seconds.", 24h},
             {"try again in 500 milliseconds", 500ms},
             {"try again in a while", none},
             {"try again in -3s", none},
             {"try again in ", none},
             {"try again in 5", none},
             {"try again in 5 apples", none},
             {"it took 5s", none},
             {"", none},
         }) {
        INFO(row.message);
        CHECK(hint({}, {"", row.message}) == row.expected);
    }
}

TEST_CASE(
    "The reset of an empty bucket is a hint, the reset of another bucket is not.", "[dialect]"
) {
    struct Row {
        Lines lines;
        Hint expected;
    };
    const std::string requests = "x-ratelimit-remaining-requests";
    const std::string reset = "x-ratelimit-reset-requests";
    for (const auto& row : std::vector<Row>{
             {{{requests, "0"}, {reset, "1s"}}, 1s},
             {{{requests, "0"}, {reset, "6m0s"}}, 6min},
             {{{requests, " 0 "}, {reset, "2m59.56s"}}, 179'560ms},
             {{{"X-RateLimit-Remaining-Requests", "0"}, {"X-RATELIMIT-RESET-REQUESTS", "12ms"}},
              12ms},
             {{{requests, "0"}, {reset, "30"}}, 30s},
             {{{requests, "0"}, {reset, "7.66"}}, 7660ms},
             {{{requests, "1"}, {reset, "1s"}}, none},
             {{{requests, "-1"}, {reset, "1s"}}, none},
             {{{requests, "0"}}, none},
             {{{reset, "1s"}}, none},
             {{{requests, "0"}, {"x-ratelimit-reset-tokens", "1s"}}, none},
             {{{requests, "0"},
               {reset, "1s"},
               {"x-ratelimit-remaining-tokens", "0"},
               {"x-ratelimit-reset-tokens", "9s"}},
              9s},
             {{{"x-ratelimit-remaining-project-tokens", "0"},
               {"x-ratelimit-reset-project-tokens", "4s"}},
              4s},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2023-09-29T16:27:37Z"}},
              60s},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2023-09-29T11:26:38.25-05:00"}},
              1250ms},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2024-09-29T16:27:37Z"}},
              24h},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2022-09-29T16:27:37Z"}},
              none},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2023-13-29T16:27:37Z"}},
              none},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2023-09-29T16:27:37"}},
              none},
             {{{"anthropic-ratelimit-tokens-remaining", "0"},
               {"anthropic-ratelimit-tokens-reset", "2023-09-29T16:27:37+99:00"}},
              none},
             {{{"anthropic-ratelimit-unified-remaining", "0"},
               {"anthropic-ratelimit-unified-reset", "1696004857"}},
              60s},
             {{{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1696004857"}}, 60s},
             {{{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1696004857000"}}, 60s},
             {{{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "60"}}, 60s},
             {{{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1696004797"}}, none},
             {{{requests, "0"}, {reset, "1696004857"}}, none},
             {{{requests, "0"}, {reset, "1696004857000"}}, none},
             {{{requests, "0"}, {reset, "-1"}}, none},
             {{{requests, "0"}, {reset, "0"}}, none},
             {{{requests, "0"}, {reset, "0s"}}, none},
             {{{requests, "0"}, {reset, ""}}, none},
             {{{requests, "0"}, {reset, "6m0s extra"}}, none},
             {{{requests, "0"}, {reset, "999999h"}}, 24h},
             {{{requests, "0"}, {reset, "500000"}}, 24h},
             {{{requests, "0"}, {reset, std::string(10'000, '7')}}, none},
             {{{requests, "0"}, {reset, std::string(10'000, 'h')}}, none},
         }) {
        INFO(row.lines.back().first << ": " << row.lines.back().second.substr(0, 60));
        CHECK(hint(row.lines) == row.expected);
    }
}

TEST_CASE("The latest reset of several empty buckets counts, in any order.", "[dialect]") {
    const Lines quick{{"x-ratelimit-remaining-a", "0"}, {"x-ratelimit-reset-a", "1s"}};
    const Lines slow{{"x-ratelimit-remaining-b", "0"}, {"x-ratelimit-reset-b", "9s"}};
    CHECK(hint({quick[0], quick[1], slow[0], slow[1]}) == 9s);
    CHECK(hint({slow[0], slow[1], quick[0], quick[1]}) == 9s);
}

TEST_CASE("The number of empty buckets that are looked up is bounded.", "[dialect]") {
    Lines lines;
    for (int i = 0; i < 5000; ++i)
        lines.emplace_back("x-ratelimit-remaining-" + std::to_string(i), "0");
    CHECK(hint(lines) == none);
}

TEST_CASE("Durations are read in Go's format.", "[dialect]") {
    struct Row {
        std::string text;
        Hint expected;
    };
    for (const auto& row : std::vector<Row>{
             {"1s", 1s},
             {"1h", 1h},
             {"1.5h", 90min},
             {"1h2m3s", 1h + 2min + 3s},
             {"6m0s", 6min},
             {"20ms", 20ms},
             {"3us", 3us},
             {"3µs", 3us},
             {"3\u03bcs", 3us},
             {"7ns", 7ns},
             {".5s", 500ms},
             {"5.s", 5s},
             {"0s", 0s},
             {"1m1ms", 60001ms},
             {"", none},
             {"1", none},
             {"s", none},
             {".s", none},
             {"1 s", none},
             {"1s ", none},
             {"-1s", none},
             {"+1s", none},
             {"1d", none},
             {"1S", none},
             {"1.2.3s", none},
             {"1e3s", none},
             {"1h-2m", none},
             {"1smore", none},
             {"99999999999999h", Duration::max()},
             {std::string(400, '9') + "h", Duration::max()},
             {"0." + std::string(400, '0') + "1h", 0s},
             {std::string(400, '0') + "1." + std::string(400, '0') + "1s", 1s},
         }) {
        INFO(row.text);
        CHECK(parse_go_duration(row.text) == row.expected);
    }
}
