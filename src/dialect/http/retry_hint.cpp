// Reads Retry-After from the headers, the body and the message of an error. Invariant: a result is
// above zero and below about thirty years (1e9 s), whatever the server wrote. Pure; any thread.
#include "dialect/http/retry_hint.hpp"

#include "base/ascii.hpp"
#include "dialect/http/go_duration.hpp"
#include "dialect/http/max_reset.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace skein {
namespace {

using Hint = std::optional<Duration>;

constexpr double max_seconds = 1e9;  // A larger number is a Unix time, or noise.

Hint sensible(Hint hint) {
    constexpr Duration max_pause = std::chrono::seconds{static_cast<long>(max_seconds)};
    return hint && *hint > Duration::zero() && *hint <= max_pause ? hint : std::nullopt;
}

Hint from_seconds(double seconds) {
    if (!(seconds > 0 && seconds <= max_seconds)) return std::nullopt;  // Also rejects NaN.
    return sensible(Duration{std::llround(seconds * 1e9)});
}

Hint from_number(std::string_view text, double unit_in_seconds) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return from_seconds(number * unit_in_seconds);
}

// `retry-after-ms` comes first, because it is more exact. An invalid value falls through to the
// next.
Hint from_retry_after(const Headers& headers, WallTime now) {
    if (const auto value = headers.get("retry-after-ms")) {
        if (const auto hint = from_number(trimmed(*value), 1e-3)) return hint;
    }
    const auto value = headers.get("retry-after");
    if (!value) return std::nullopt;
    if (const auto hint = from_number(trimmed(*value), 1)) return hint;
    const auto date = parse_http_date(trimmed(*value));
    return date ? sensible(*date - now) : std::nullopt;
}

// `26 seconds`: a number, a space, and the beginning of a word.
Hint from_spelled_out(std::string_view text) {
    struct Word {
        std::string_view begins;
        double seconds;
    };
    static constexpr std::array words{
        Word{"second", 1}, Word{"minute", 60}, Word{"hour", 3600}, Word{"millisecond", 1e-3}};
    const auto number = leading_number(text);
    const auto rest = trimmed(text.substr(number.length));
    for (const auto& word : words) {
        if (number.length > 0 && rest.starts_with(word.begins)) {
            return from_seconds(number.value * word.seconds);
        }
    }
    return std::nullopt;
}

// A pause written in a sentence, in lower case: `try again in 6.305s`, `retry after 26 seconds`.
// The caller passes the message only where a pause is expected (`fault_of_answer`).
Hint from_words(std::string_view message) {
    const auto text = lowered(message);
    for (const std::string_view phrase : {"try again in ", "retry in ", "retry after "}) {
        const auto at = text.find(phrase);
        if (at == std::string::npos) continue;
        const auto rest = std::string_view{text}.substr(at + phrase.size());
        if (const auto hint = sensible(leading_go_duration(rest))) return hint;
        if (const auto hint = from_spelled_out(rest)) return hint;
    }
    return std::nullopt;
}

// A number too large for a pause is a Unix time, in seconds or in milliseconds.
Hint from_moment(double number, WallTime now) {
    constexpr double min_in_ms = 1e12;
    const auto since_1970 = std::chrono::duration<double>(now.time_since_epoch()).count();
    const double moment = number < min_in_ms ? number : number * 1e-3;
    return from_seconds(moment - since_1970);
}

// These reset headers may hold a Unix time: Anthropic's, and `x-ratelimit-reset` of OpenRouter and
// GitHub.
bool may_be_moment(std::string_view name) {
    return name.ends_with("unified-reset") || name == "x-ratelimit-reset";
}

// A reset is a number of seconds, a Unix time, a Go duration (`6m0s`), or an RFC 3339 time.
Hint from_reset(std::string_view name, std::string_view value, WallTime now) {
    const auto number = leading_number(value);
    if (number.length == value.size() && number.length > 0) {
        const bool is_moment = number.value > max_seconds && may_be_moment(name);
        return is_moment ? from_moment(number.value, now) : from_seconds(number.value);
    }
    if (const auto duration = parse_go_duration(value)) {
        return sensible(std::min(*duration, max_reset));
    }
    const auto moment = parse_rfc3339(value);
    return moment ? sensible(*moment - now) : std::nullopt;
}

// The reset of an empty bucket: `…-remaining-…` belongs to `…-reset-…`.
Hint from_empty_bucket(const Headers& headers, std::string_view remaining, WallTime now) {
    constexpr std::string_view word = "remaining";
    auto name = lowered(remaining);
    const auto at = name.find(word);
    if (at == std::string::npos || name.find("ratelimit") == std::string::npos) return std::nullopt;
    name.replace(at, word.size(), "reset");
    const auto value = headers.get(name);
    return value ? from_reset(name, trimmed(*value), now) : std::nullopt;
}

// All empty buckets must refill before a request passes, so the latest reset counts.
Hint from_resets(const Headers& headers, WallTime now) {
    Hint latest;
    int left = 16;  // Bounded, because each one searches all header lines, maybe thousands.
    for (const auto& [name, value] : headers.lines()) {
        if (trimmed(value) != "0" || left == 0) continue;
        --left;
        const auto hint = from_empty_bucket(headers, name, now);
        if (hint) latest = std::max(latest.value_or(Duration::zero()), *hint);
    }
    return latest ? std::optional{std::min(*latest, max_reset)} : std::nullopt;
}

}  // namespace

std::optional<Duration> retry_hint(const Headers& headers, const BodyHint& body, WallTime wall) {
    const auto date = headers.get("date");
    const auto now = date ? parse_http_date(trimmed(*date)).value_or(wall) : wall;
    if (const auto hint = from_retry_after(headers, now)) return hint;
    if (const auto hint = body.headers ? from_retry_after(*body.headers, now) : Hint{}) return hint;
    if (const auto hint = sensible(parse_go_duration(trimmed(body.delay)))) return hint;
    if (const auto hint = from_words(body.message)) return hint;
    if (const auto hint = from_resets(headers, now)) return hint;
    return body.headers ? from_resets(*body.headers, now) : std::nullopt;
}

}  // namespace skein
