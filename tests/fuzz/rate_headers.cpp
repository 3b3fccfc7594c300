// The rate headers of one answer after the other, and what is learned of them: numbers that can be,
// resets within a day, pauses that end; and nobody waits longer than the news are worth.
//
//     first line: when the wall's clock is wrong; for each answer what started before it, and when
//     answers, each: header lines, an empty line
//     (of the last: a delay as a body holds it, and its message)
#include "dialect/http/rate_headers.hpp"

#include "dialect/http/retry_hint.hpp"
#include "given.hpp"
#include "limit/learned_limit.hpp"

#include <cmath>

namespace {

using namespace skein;
using namespace std::chrono_literals;

constexpr auto max = 1e15;

bool can_be(const std::optional<double>& count) {
    return !count || (std::isfinite(*count) && *count >= 0 && *count <= max);
}

void check(const BucketNews& news) {
    SKEIN_ASSERT(can_be(news.limit) && can_be(news.remaining));
    SKEIN_ASSERT(!news.limit || (*news.limit > 0 && news.remaining <= news.limit));
    SKEIN_ASSERT(!news.reset || (*news.reset >= 0s && *news.reset <= 24h));
    SKEIN_ASSERT(news.remaining || news == BucketNews{});
}

// One limit of our books, and until when its news can be worth anything.
struct Learner {
    LearnedLimit limit{};
    TimePoint valid_until{};

    void learn(TimePoint now, const BucketNews& news, const LearnedLimit::Mark& mark) {
        limit.learn(now, news, mark);
        if (news.reset) valid_until = std::max(valid_until, now + *news.reset + 1min);
    }

    void check(TimePoint now, double cost) const {
        const auto ready = limit.ready_at(now, cost);
        SKEIN_ASSERT(ready >= now && ready <= std::max(now, valid_until));
        SKEIN_ASSERT(limit.ready_at(ready, cost) == ready);  // It was told to come then.
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    WallTime wall{std::chrono::seconds{1696004797}};
    wall += given.one_of<Duration>({0s, 1h, -1h, 24h * 365 * 200, -24h * 365 * 100});
    TimePoint now{12h};
    Learner requests, tokens;
    Headers headers;
    for (int answers = 0; answers < 16 && !given.text().empty(); ++answers) {
        headers.clear();
        for (auto line = given.next_line(); !line.empty(); line = given.next_line()) {
            const auto colon = std::min(line.find(": "), line.size());
            headers.add(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
        }
        const auto cost = given.one_of({1.0, 0.5, 1000.0, 1e12});
        const auto request = requests.limit.take(now);
        const auto spent = tokens.limit.take(now, cost);
        for (auto more = given.choice(4); more > 0; --more) requests.limit.take(now);
        now += given.one_of<Duration>({1ms, 0s, 1ns, 1s, 59s, 1h, 25h});
        const auto news = rate_news(headers, wall);
        check(news.requests);
        check(news.tokens);
        requests.learn(now, news.requests, request);
        tokens.learn(now, news.tokens, spent);
        requests.check(now, 1);
        tokens.check(now, cost);
    }
    const auto delay = given.next_line();
    const auto pause = retry_hint(headers, {delay, given.text()}, wall);
    SKEIN_ASSERT(!pause || (*pause > 0s && *pause <= std::chrono::seconds{1'000'000'000}));
    return 0;
}
