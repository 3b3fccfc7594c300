#include "dialect/http/rate_headers.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;

namespace {

const WallTime wall{1696004797s};  // Fri, 29 Sep 2023 16:26:37 GMT

using Lines = std::vector<std::pair<std::string, std::string>>;

RateNews news(const Lines& lines) {
    Headers headers;
    for (const auto& [name, value] : lines) headers.add(name, value);
    return rate_news(headers, wall);
}

BucketNews evenly(double limit, double remaining, Duration reset) {
    return {limit, remaining, reset, Refill::evenly};
}

BucketNews window(std::optional<double> limit, double remaining, Duration reset) {
    return {limit, remaining, reset, Refill::at_once};
}

const BucketNews none;

// The bucket with this reset, and 5 of 60 requests left.
std::optional<Duration> reset(const std::string& text, const std::string& name = "requests") {
    const auto told = news({
        {"x-ratelimit-limit-" + name, "60"},
        {"x-ratelimit-remaining-" + name, "5"},
        {"x-ratelimit-reset-" + name, text},
    });
    return name == "requests" ? told.requests.reset : told.tokens.reset;
}

BucketNews requests_with(const std::string& limit, const std::string& remaining) {
    return news({
                    {"x-ratelimit-limit-requests", limit},
                    {"x-ratelimit-remaining-requests", remaining},
                    {"x-ratelimit-reset-requests", "1s"},
                })
        .requests;
}

}  // namespace

TEST_CASE("The rate headers of OpenAI are read.", "[dialect]") {
    const auto told = news({
        {"x-ratelimit-limit-requests", "60"},
        {"x-ratelimit-limit-tokens", "150000"},
        {"x-ratelimit-remaining-requests", "59"},
        {"x-ratelimit-remaining-tokens", "149984"},
        {"x-ratelimit-reset-requests", "1s"},
        {"x-ratelimit-reset-tokens", "6m0s"},
    });
    CHECK(told.requests == evenly(60, 59, 1s));
    CHECK(told.tokens == evenly(150000, 149984, 6min));
}

TEST_CASE("The tightest of several token buckets of OpenAI counts.", "[dialect]") {
    Lines lines{
        {"x-ratelimit-limit-tokens", "150000"},
        {"x-ratelimit-remaining-tokens", "149984"},
        {"x-ratelimit-reset-tokens", "20ms"},
        {"x-ratelimit-limit-project-tokens", "1000"},
        {"x-ratelimit-remaining-project-tokens", "200"},
        {"x-ratelimit-reset-project-tokens", "48s"},
    };
    CHECK(news(lines).tokens == evenly(1000, 200, 48s));
    lines.insert(
        lines.end(),
        {
            {"x-ratelimit-limit-tokens_usage_based", "500"},
            {"x-ratelimit-remaining-tokens_usage_based", "3"},
            {"x-ratelimit-reset-tokens_usage_based", "12ms"},
        }
    );
    CHECK(news(lines).tokens == evenly(500, 3, 12ms));
}

TEST_CASE(
    "The rate headers of Anthropic are times, relative to the Date of the answer.", "[dialect]"
) {
    const Lines lines{
        {"anthropic-ratelimit-requests-limit", "50"},
        {"anthropic-ratelimit-requests-remaining", "49"},
        {"anthropic-ratelimit-requests-reset", "2026-09-27T12:08:01Z"},
        {"anthropic-ratelimit-tokens-limit", "48000"},
        {"anthropic-ratelimit-tokens-remaining", "40000"},
        {"anthropic-ratelimit-tokens-reset", "2026-09-27T07:08:10-05:00"},
        {"anthropic-ratelimit-input-tokens-limit", "40000"},
        {"anthropic-ratelimit-input-tokens-remaining", "39000"},
        {"anthropic-ratelimit-input-tokens-reset", "2026-09-27T12:08:01.5Z"},
        {"anthropic-ratelimit-output-tokens-limit", "8000"},
        {"anthropic-ratelimit-output-tokens-remaining", "1000"},
        {"anthropic-ratelimit-output-tokens-reset", "2026-09-27T14:08:52.25+02:00"},
    };
    auto dated = lines;
    dated.emplace_back("Date", "Sun, 27 Sep 2026 12:08:00 GMT");
    CHECK(news(dated).requests == evenly(50, 49, 1s));
    CHECK(news(dated).tokens == evenly(48000, 40000, 10s));
    CHECK(news(dated).input_tokens == evenly(40000, 39000, 1500ms));
    CHECK(news(dated).output_tokens == evenly(8000, 1000, 52250ms));
    CHECK(news(lines).requests == evenly(50, 49, 24h));  // Three years away, by a clock of 2023.
}

TEST_CASE("The priority and the fast tier of Anthropic have buckets of their own.", "[dialect]") {
    for (const std::string tier : {"priority", "fast"}) {
        for (const std::string kind : {"input", "output"}) {
            const auto start = "anthropic-" + tier + "-" + kind + "-tokens-";
            CHECK(is_rate_header(start + "limit"));
            const auto told = news({
                {start + "limit", "10000"},
                {start + "remaining", "0"},
                {start + "reset", "2023-09-29T16:27:37Z"},
            });
            const auto bucket = evenly(10000, 0, 60s);
            CHECK(told.tokens == BucketNews{});
            CHECK(told.input_tokens == (kind == "input" ? bucket : BucketNews{}));
            CHECK(told.output_tokens == (kind == "output" ? bucket : BucketNews{}));
        }
    }
}

TEST_CASE("A hostile bucket of prompts leaves that of answers as it is.", "[dialect]") {
    const auto told = news({
        {"anthropic-ratelimit-input-tokens-limit", "99999999999999999999"},
        {"anthropic-ratelimit-input-tokens-remaining", "-1"},
        {"anthropic-ratelimit-input-tokens-reset", "2023-09-29T16:27"},
        {"anthropic-ratelimit-output-tokens-limit", "10000"},
        {"anthropic-ratelimit-output-tokens-remaining", "1"},
        {"anthropic-ratelimit-output-tokens-reset", "2023-09-29T16:27:37Z"},
    });
    CHECK(told.input_tokens == BucketNews{});
    CHECK(told.output_tokens == evenly(10000, 1, 60s));
}

TEST_CASE("A reset in Unix time is read in the headers known for it.", "[dialect]") {
    const auto unified = news({
        {"anthropic-ratelimit-unified-remaining", "0"},
        {"anthropic-ratelimit-unified-reset", "1696004897"},
    });
    CHECK(unified.requests == window({}, 0, 100s));
    const auto plain = [](const std::string& text) {
        return news({
                        {"X-RateLimit-Limit", "20"},
                        {"X-RateLimit-Remaining", "0"},
                        {"X-RateLimit-Reset", text},
                    })
            .requests;
    };
    CHECK(plain("1696004807000") == window(20, 0, 10s));
    CHECK(plain("1696004807") == window(20, 0, 10s));
    CHECK(plain("1696004700") == window(20, 0, 0s));
    CHECK(plain("30") == window(20, 0, 30s));
    CHECK(reset("1696004897") == std::nullopt);
}

TEST_CASE("The rate headers of Azure are seconds, and some may be missing.", "[dialect]") {
    const auto told = news({
        {"x-ratelimit-remaining-requests", "99"},
        {"x-ratelimit-remaining-tokens", "9500"},
        {"x-ratelimit-limit-tokens", "10000"},
        {"x-ratelimit-reset-tokens", "10"},
        {"retry-after-ms", "800"},
    });
    CHECK(told.requests == BucketNews{{}, 99, {}, Refill::at_once});
    CHECK(told.tokens == window(10000, 9500, 10s));
    const auto absurd = news({
        {"x-ratelimit-remaining-requests", "-1"},
        {"x-ratelimit-limit-requests", "0"},
        {"x-ratelimit-remaining-tokens", "0"},
        {"x-ratelimit-limit-tokens", "0"},
        {"x-ratelimit-reset-tokens", "10"},
    });
    CHECK(absurd == RateNews{});
}

TEST_CASE(
    "The rate headers of Groq are per day for requests and per minute for tokens.", "[dialect]"
) {
    const auto told = news({
        {"retry-after", "2"},
        {"x-ratelimit-limit-requests", "14400"},
        {"x-ratelimit-limit-tokens", "18000"},
        {"x-ratelimit-remaining-requests", "14370"},
        {"x-ratelimit-remaining-tokens", "17997"},
        {"x-ratelimit-reset-requests", "2m59.56s"},
        {"x-ratelimit-reset-tokens", "7.66s"},
    });
    CHECK(told.requests == evenly(14400, 14370, 179560ms));
    CHECK(told.tokens == evenly(18000, 17997, 7660ms));
}

TEST_CASE("The old and the new rate headers of Mistral are read.", "[dialect]") {
    const auto old = news({
        {"x-ratelimitbysize-limit-minute", "500000"},
        {"x-ratelimitbysize-remaining-minute", "467993"},
        {"x-ratelimitbysize-remaining-month", "9967993"},
        {"ratelimitbysize-reset", "40"},
    });
    CHECK(old == RateNews{none, window(500000, 467993, 40s)});
    const auto recent = news({
        {"x-ratelimit-limit-req-minute", "60"},
        {"x-ratelimit-remaining-req-minute", "59"},
        {"x-ratelimit-limit-tokens-minute", "50000"},
        {"x-ratelimit-remaining-tokens-minute", "47196"},
        {"x-ratelimit-remaining-tokens-month", "3950246"},
    });
    CHECK(recent == RateNews{window(60, 59, 60s), window(50000, 47196, 60s)});
}

TEST_CASE("A server without rate headers reports no limits.", "[dialect]") {
    CHECK(news({}) == RateNews{});
    CHECK(news({{"content-type", "application/json"}, {"retry-after", "5"}}) == RateNews{});
    CHECK(news({{"x-ratelimit-limit-requests", "60"}}) == RateNews{});
}

TEST_CASE("A reset is a duration, seconds or a time, and at most a day away.", "[dialect]") {
    CHECK(reset("20ms") == 20ms);
    CHECK(reset("1h2m3.5s") == 1h + 2min + 3500ms);
    CHECK(reset("12µs") == 12us);
    CHECK(reset("7") == 7s);
    CHECK(reset("0.5") == 500ms);
    CHECK(reset(" 1s ") == 1s);
    CHECK(reset("0") == 0s);
    CHECK(reset("0s") == 0s);
    CHECK(reset("100h") == 24h);
    CHECK(reset("99999999h") == 24h);
    CHECK(reset("100000") == 24h);
    CHECK(reset("2023-09-29T16:26:47Z") == 10s);
    CHECK(reset("2023-09-29T16:26:47.125+00:00") == 10125ms);
    CHECK(reset("2023-09-29T16:26:00Z") == 0s);
    CHECK(reset("2150-01-01T00:00:00Z") == 24h);
}

TEST_CASE("An invalid reset discards its own bucket only.", "[dialect]") {
    for (const std::string text :
         {"",
          " ",
          "soon",
          "-1",
          "-1s",
          "+1s",
          "1s2",
          "1 s",
          "s",
          ".",
          "..5s",
          "1..5s",
          "nan",
          "inf",
          "1e3",
          "0x10",
          "9e34",
          "1,5s",
          "1s, 2s",
          "99999999999999999999",
          "Fri, 29 Sep 2023 16:26:57 GMT",
          "2023-09-29",
          "2023-09-29T16:26:47",
          "2023-13-29T16:26:47Z",
          "2023-09-29T16:26:47+99:00",
          "2023-09-29T16:26:47.Z",
          "9999-09-29T16:26:47Z"}) {
        INFO(text);
        CHECK(reset(text) == std::nullopt);
        CHECK(reset(text, "tokens") == std::nullopt);
    }
    CHECK(reset(std::string(100'000, '9')) == std::nullopt);
    CHECK(reset(std::string(100'000, '9') + "s") == 24h);
    const auto told = news({
        {"x-ratelimit-remaining-requests", "5"},
        {"x-ratelimit-reset-requests", "soon"},
        {"x-ratelimit-remaining-tokens", "5"},
        {"x-ratelimit-reset-tokens", "1s"},
    });
    CHECK(told.requests == none);
    CHECK(told.tokens.remaining == 5);
}

TEST_CASE("A number of requests is a whole number of at most 15 digits.", "[dialect]") {
    CHECK(requests_with("60", "0") == evenly(60, 0, 1s));
    CHECK(requests_with(" 60 ", "60") == evenly(60, 60, 1s));
    for (const std::string nonsense :
         {"", "-1", "+5", "5.5", "1e3", "0x10", "many", "5 5", "1000000000000000", "60, 60;w=60"}) {
        INFO(nonsense);
        CHECK(requests_with("60", nonsense) == none);
        CHECK(requests_with(nonsense, "5") == none);
    }
    CHECK(requests_with("0", "0") == none);
    CHECK(requests_with("60", "61") == none);
}

TEST_CASE("Names of rate headers are case-insensitive, and the first of two counts.", "[dialect]") {
    const auto told = news({
        {"X-RateLimit-Remaining-Requests", "7"},
        {"X-RATELIMIT-RESET-REQUESTS", "1s"},
        {"x-ratelimit-remaining-requests", "3"},
    });
    CHECK(told.requests.remaining == 7);
    CHECK(told.requests.reset == 1s);
}

TEST_CASE("Without a valid Date header, times are relative to the local clock.", "[dialect]") {
    const auto told = news({
        {"date", "yesterday"},
        {"anthropic-ratelimit-requests-remaining", "0"},
        {"anthropic-ratelimit-requests-reset", "2023-09-29T16:26:47Z"},
    });
    CHECK(told.requests.reset == 10s);
}

TEST_CASE("Together's two buckets have one reset.", "[dialect]") {
    const Lines lines{
        {"x-ratelimit-limit", "10"},
        {"x-ratelimit-remaining", "9"},
        {"x-ratelimit-reset", "1"},
        {"x-tokenlimit-limit", "3000"},
        {"x-tokenlimit-remaining", "2000"},
    };
    CHECK(news(lines).requests == BucketNews{10, 9, 1s, Refill::at_once});
    CHECK(news(lines).tokens == BucketNews{3000, 2000, 1s, Refill::at_once});
    CHECK(is_rate_header("X-TokenLimit-Remaining"));
}
