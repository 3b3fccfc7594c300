// Parser for rate-limit headers, driven by a table of their names. The values are foreign text: a
// bucket counts only if all its values are valid. Pure; any thread.
#include "dialect/http/rate_headers.hpp"

#include "base/ascii.hpp"
#include "dialect/http/go_duration.hpp"
#include "dialect/http/max_reset.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace skein {
namespace {

// Header names of one bucket. `by_the_minute`: without a reset header it refills each minute.
// `epoch`: a large number in its reset is a Unix time.
struct Names {
    std::string_view limit;
    std::string_view remaining;
    std::string_view reset;
    enum Habit { usual, by_the_minute, epoch } habit = usual;
};

// clang-format off
constexpr std::array request_buckets{
    Names{"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    Names{"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    Names{"anthropic-ratelimit-unified-limit", "anthropic-ratelimit-unified-remaining", "anthropic-ratelimit-unified-reset", Names::epoch},
    Names{"x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute", "x-ratelimit-reset-req-minute", Names::by_the_minute},
    Names{"x-ratelimit-limit-requests-day", "x-ratelimit-remaining-requests-day", "x-ratelimit-reset-requests-day"},
    Names{"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", Names::epoch},
};
constexpr std::array token_buckets{
    Names{"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
    Names{"x-ratelimit-limit-project-tokens", "x-ratelimit-remaining-project-tokens", "x-ratelimit-reset-project-tokens"},
    Names{"x-ratelimit-limit-tokens_usage_based", "x-ratelimit-remaining-tokens_usage_based", "x-ratelimit-reset-tokens_usage_based"},
    Names{"anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
    Names{"x-ratelimitbysize-limit-minute", "x-ratelimitbysize-remaining-minute", "ratelimitbysize-reset", Names::by_the_minute},
    Names{"x-ratelimit-limit-tokens-minute", "x-ratelimit-remaining-tokens-minute", "x-ratelimit-reset-tokens-minute", Names::by_the_minute},
    // Together: both of its buckets have one reset.
    Names{"x-tokenlimit-limit", "x-tokenlimit-remaining", "x-ratelimit-reset", Names::epoch},
};
constexpr std::array input_token_buckets{
    Names{"anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
    Names{"anthropic-priority-input-tokens-limit", "anthropic-priority-input-tokens-remaining", "anthropic-priority-input-tokens-reset"},
    Names{"anthropic-fast-input-tokens-limit", "anthropic-fast-input-tokens-remaining", "anthropic-fast-input-tokens-reset"},
};
constexpr std::array output_token_buckets{
    Names{"anthropic-ratelimit-output-tokens-limit", "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"},
    Names{"anthropic-priority-output-tokens-limit", "anthropic-priority-output-tokens-remaining", "anthropic-priority-output-tokens-reset"},
    Names{"anthropic-fast-output-tokens-limit", "anthropic-fast-output-tokens-remaining", "anthropic-fast-output-tokens-reset"},
};
// clang-format on

constexpr double min_epoch = 1e9;  // Seconds: in 2001. As a duration it would be thirty years.
constexpr double min_epoch_in_ms = 1e12;

struct Reset {
    Duration from_now;
    Refill refill;
};

Duration clamped(Duration reset) { return std::clamp(reset, Duration::zero(), max_reset); }

// `seconds` may be any value, infinity included.
Duration clamped(double seconds) {
    const double max_reset_seconds = std::chrono::duration<double>{max_reset}.count();
    return Duration{std::llround(std::clamp(seconds, 0.0, max_reset_seconds) * 1e9)};
}

// A plain number: seconds, or a Unix time where the header is known to hold one. Elsewhere a number
// of that size is noise, and the bucket is ignored.
std::optional<Reset> reset_of_number(double number, bool may_be_epoch, WallTime now) {
    if (number < min_epoch) return Reset{clamped(number), Refill::at_once};
    if (!may_be_epoch) return std::nullopt;
    const double moment = number < min_epoch_in_ms ? number : number * 1e-3;
    const std::chrono::duration<double> since_1970 = now.time_since_epoch();
    return Reset{clamped(moment - since_1970.count()), Refill::at_once};
}

// A number without a unit, a Go duration, or a time. No text has two of these shapes.
std::optional<Reset> reset_of(std::string_view text, bool may_be_epoch, WallTime now) {
    const auto number = leading_number(text);
    if (number.length > 0 && number.length == text.size()) {
        return reset_of_number(number.value, may_be_epoch, now);
    }
    if (const auto duration = parse_go_duration(text)) {
        return Reset{clamped(*duration), Refill::evenly};
    }
    const auto moment = parse_rfc3339(text);
    if (!moment) return std::nullopt;
    return Reset{clamped(*moment - now), Refill::evenly};
}

// A number of requests or tokens: one to 15 digits.
std::optional<double> count_of(std::string_view text) {
    const auto number = leading_number(text);
    const bool is_whole = std::ranges::all_of(text, is_digit);
    if (text.empty() || text.size() > 15 || !is_whole) return std::nullopt;
    return number.value;
}

// Reads one header into `out`. False if the header exists and is invalid.
template <typename T, typename Read>
bool read_into(std::optional<T>& out, const Headers& headers, std::string_view name, Read read) {
    const auto text = headers.get(name);
    if (text) out = read(trimmed(*text));
    return !text || out;
}

// Without `remaining` there is no bucket. More remaining than the limit is a sign that the headers
// do not mean what their names say.
BucketNews bucket_of(const Headers& headers, const Names& names, WallTime now) {
    BucketNews news;
    std::optional<Reset> reset;
    const auto read_reset = [&](std::string_view text) {
        return reset_of(text, names.habit == Names::epoch, now);
    };
    if (!headers.get(names.remaining)) return {};
    if (!read_into(news.remaining, headers, names.remaining, count_of)) return {};
    if (!read_into(news.limit, headers, names.limit, count_of)) return {};
    if (!read_into(reset, headers, names.reset, read_reset)) return {};
    if (news.limit && (*news.limit == 0 || *news.remaining > *news.limit)) return {};
    if (!reset && names.habit == Names::by_the_minute) {
        reset = Reset{std::chrono::minutes{1}, Refill::at_once};
    }
    if (!reset) return news;
    news.reset = reset->from_now;
    news.refill = reset->refill;
    return news;
}

// Is bucket `a` tighter: with fewer remaining units? A bucket without a reset time comes last.
bool is_tighter(const BucketNews& a, const BucketNews& b) {
    if (a.reset.has_value() != b.reset.has_value()) return a.reset.has_value();
    if (!a.remaining || !b.remaining) return a.remaining.has_value() && !b.remaining;
    return *a.remaining < *b.remaining;
}

BucketNews tightest(const Headers& headers, std::span<const Names> buckets, WallTime now) {
    BucketNews tightest;
    for (const auto& names : buckets) {
        const auto news = bucket_of(headers, names, now);
        if (is_tighter(news, tightest)) tightest = news;
    }
    return tightest;
}

}  // namespace

RateNews rate_news(const Headers& headers, WallTime wall) {
    const auto date = headers.get("date");
    const auto now = date ? parse_http_date(trimmed(*date)).value_or(wall) : wall;
    return {
        tightest(headers, request_buckets, now),
        tightest(headers, token_buckets, now),
        tightest(headers, input_token_buckets, now),
        tightest(headers, output_token_buckets, now)};
}

bool is_rate_header(std::string_view name) {
    constexpr std::array<std::string_view, 6> beginnings{
        "x-ratelimit",
        "x-tokenlimit",
        "ratelimit",
        "anthropic-ratelimit",
        "anthropic-priority",
        "anthropic-fast"};
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) {
        return same_letters(name.substr(0, beginning.size()), beginning);
    });
}

}  // namespace skein
