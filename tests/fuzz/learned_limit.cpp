// What a limit learns from news of any kind, true or absurd: nobody is told to come later than the
// last of them is worth, and who comes when told may start.
//
//     no text: one step after the other, each a byte that says what happens, and what it takes
#include "limit/learned_limit.hpp"

#include "base/assert.hpp"
#include "steps.hpp"

#include <vector>

namespace {

using namespace skein;
using namespace std::chrono_literals;

using fuzz::Steps;

// Mostly what servers say; now and then whatever bytes are.
std::optional<double> number(Steps& steps) {
    const auto kind = steps.below(8);
    if (kind == 0) return std::nullopt;
    if (kind == 1) return steps.take<double>();
    if (kind == 2) return static_cast<double>(steps.take<std::uint64_t>());
    return steps.take<std::uint16_t>();
}

Duration duration(Steps& steps) {
    const auto kind = steps.below(8);
    if (kind == 0) return Duration{steps.take<std::int64_t>()};
    return steps.take<std::uint16_t>() * (kind % 2 == 0 ? Duration{1ms} : Duration{1s});
}

bool is_of_some_day(const std::optional<Duration>& reset) {
    return reset && *reset >= 0s && *reset <= 24h;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Steps steps{bytes, size};
    LearnedLimit limit;
    TimePoint now{12h};
    TimePoint valid_until{};  // The latest that any news so far can be worth anything.
    std::vector<LearnedLimit::Mark> marks;
    while (!steps.done()) {
        switch (steps.below(4)) {
            case 0:
                now += std::clamp<Duration>(duration(steps), 0s, 48h);
                break;
            case 1:
                marks.push_back(limit.take(now, steps.take<std::uint16_t>()));
                break;
            case 2:
                marks.push_back(limit.take(now));
                break;
            default: {
                if (marks.empty()) break;
                const auto& mark = marks[steps.below(marks.size())];
                BucketNews news{number(steps), number(steps)};
                const auto kind = steps.below(8);
                if (kind != 0) news.reset = duration(steps);
                news.refill = kind % 2 == 0 ? Refill::at_once : Refill::evenly;
                limit.learn(now, news, mark);
                if (is_of_some_day(news.reset)) {
                    valid_until = std::max(valid_until, now + *news.reset + 1min);
                }
            }
        }
        const double cost = steps.take<std::uint8_t>();
        const auto ready = limit.ready_at(now, cost);
        SKEIN_ASSERT(ready >= now && ready <= std::max(now, valid_until));
        SKEIN_ASSERT(limit.ready_at(ready, cost) == ready);
        SKEIN_ASSERT(limit.ready_at(now, 2 * cost) >= ready);  // More is not there sooner.
    }
    return 0;
}
