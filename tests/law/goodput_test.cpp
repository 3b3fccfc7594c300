// Goodput at a server that enforces a token bucket and reports its rest in headers. The settings of
// the dispatcher do not name the rate.
#include "law/agenda.hpp"
#include "law/weather.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace skein::law {
namespace {

struct Bucket {
    double per_second;
    double burst;
    Duration latency;
    double level = burst;
    TimePoint at = dawn;

    double until_full() const { return (burst - level) / per_second; }

    // A refused request takes nothing from the bucket.
    bool take(TimePoint now) {
        const std::chrono::duration<double> since = now - at;
        level = std::min(burst, level + since.count() * per_second);
        at = now;
        const bool granted = level >= 1;
        if (granted) --level;
        return granted;
    }

    AttemptResult answer(bool granted) const {
        const auto in = [](double seconds) {
            return std::chrono::ceil<Duration>(std::chrono::duration<double>{seconds});
        };
        AttemptResult result{Completion{.text = "answer"}, {}, true};
        if (!granted) {
            const auto next = std::max(0.0, 1 - level) / per_second;
            result.outcome = Fault{.kind = FaultKind::throttled, .retry_after = in(next)};
        }
        result.news.requests = {
            60 * per_second, std::floor(level), in(until_full()), Refill::evenly};
        return result;
    }
};

struct Yield {
    double used = 0;     // Share of the bucket's capacity that was used.
    double in_vain = 0;  // Share of refused attempts after the first second.
    bool all_completed = true;
};

class Throttled {
public:
    Throttled(Bucket bucket, std::size_t in_flight)
        : bucket_{bucket},
          dispatcher_{Desk{{{.name = "main", .places = in_flight}}, {.in_flight = in_flight}}, {}} {
    }

    Yield run(Sequence requests) {
        while (delivered_ < requests) {
            for (; asked_ < requests && dispatcher_.has_room(); ++asked_)
                tell(Dispatcher::Submitted{asked_, std::make_shared<Prepared>()});
            advance(dispatcher_, agenda_, now_, [this](Dispatcher::Event event) {
                tell(std::move(event));
            });
        }
        const std::chrono::duration<double> span = last_ - dawn;
        yield_.used = granted_ / (bucket_.burst + bucket_.per_second * span.count());
        yield_.in_vain = late_refused_ / std::max(1.0, late_);
        return yield_;
    }

private:
    void tell(Dispatcher::Event event) {
        Dispatcher::Commands commands;
        dispatcher_.on(now_, std::move(event), commands);
        for (auto& command : commands) {
            if (auto* start = std::get_if<Dispatcher::StartAttempt>(&command)) send(*start);
            if (auto* deliver = std::get_if<Dispatcher::Deliver>(&command)) {
                ++delivered_;
                yield_.all_completed &= deliver->reply->completion() != nullptr;
            }
        }
    }

    // Network latency: small and random.
    void send(const Dispatcher::StartAttempt& start) {
        const auto way = 200us + Duration{rng_() % 1'000'000};
        const auto arrival = std::max(now_ + way, last_);
        const bool granted = bucket_.take(arrival);
        granted_ += granted;
        if (arrival > dawn + 1s) {
            ++late_;
            late_refused_ += !granted;
        }
        last_ = arrival;
        const auto back = arrival + way + (granted ? bucket_.latency : 0ms);
        agenda_.emplace(back, Dispatcher::AttemptDone{start.attempt.id, bucket_.answer(granted)});
    }

    Bucket bucket_;
    Dispatcher dispatcher_;
    std::multimap<TimePoint, Dispatcher::Event> agenda_;
    SplitMix rng_{1};
    TimePoint now_ = dawn;
    TimePoint last_ = dawn;
    Sequence asked_ = 0;
    Sequence delivered_ = 0;
    double granted_ = 0;
    double late_ = 0;
    double late_refused_ = 0;
    Yield yield_;
};

TEST_CASE(
    "A rate limit that the server reports is used fully, with few refused attempts.", "[law]"
) {
    struct Case {
        double per_second, burst;
        std::size_t in_flight;
        Duration latency;
    };
    for (const auto& c : std::initializer_list<Case>{
             {100, 100, 64, 100ms},
             {100, 10, 64, 100ms},
             {1000, 1000, 256, 100ms},
             {1000, 10, 256, 100ms},
             {10, 10, 64, 2s},
             {10, 1, 64, 100ms}}) {
        CAPTURE(c.per_second, c.burst, c.in_flight, c.latency.count());
        const auto requests = static_cast<Sequence>(30 * c.per_second);
        const auto yield = Throttled{{c.per_second, c.burst, c.latency}, c.in_flight}.run(requests);
        CAPTURE(yield.used, yield.in_vain);
        CHECK(yield.used >= 0.95);
        CHECK(yield.in_vain <= 0.01);
        CHECK(yield.all_completed);
    }
}

}  // namespace
}  // namespace skein::law
