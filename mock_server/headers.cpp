#include "mock_server/headers.hpp"

#include <array>
#include <cstdio>

namespace skein::mock {
namespace {

// RFC 3339, in whole seconds as Anthropic writes it, rounded up: then the limit is surely reset.
std::string moment(std::chrono::system_clock::time_point time) {
    const auto second = std::chrono::ceil<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{second - day};
    std::array<char, 64> text;
    const auto size = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string_view type_of_answer(Api api, bool stream) {
    if (api == Api::gemini) return stream ? "text/event-stream" : "application/json; charset=UTF-8";
    return stream ? "text/event-stream; charset=utf-8" : "application/json";
}

}  // namespace

std::string whole_seconds(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

// Gemini names its answers in the body alone.
HeaderLines answer_headers(Api api, bool stream, const std::string& request_id) {
    HeaderLines headers{{"content-type", std::string{type_of_answer(api, stream)}}};
    if (is_of_openai(api)) headers.emplace_back("x-request-id", request_id);
    if (api == Api::anthropic) headers.emplace_back("request-id", request_id);
    if (stream) headers.emplace_back("cache-control", "no-cache");
    return headers;
}

void add_limits(
    HeaderLines& headers,
    Api api,
    const RateLimit::Verdict& verdict,
    std::chrono::system_clock::time_point wall
) {
    const auto limit = std::to_string(verdict.limit);
    const auto remaining = std::to_string(verdict.remaining);
    if (is_of_openai(api)) {
        headers.emplace_back("x-ratelimit-limit-requests", limit);
        headers.emplace_back("x-ratelimit-remaining-requests", remaining);
        headers.emplace_back("x-ratelimit-reset-requests", milliseconds(verdict.full) + "ms");
    } else if (api == Api::anthropic) {
        const auto full = std::chrono::ceil<std::chrono::system_clock::duration>(verdict.full);
        headers.emplace_back("anthropic-ratelimit-requests-limit", limit);
        headers.emplace_back("anthropic-ratelimit-requests-remaining", remaining);
        headers.emplace_back("anthropic-ratelimit-requests-reset", moment(wall + full));
    }
}

}  // namespace skein::mock
