// Load at a server with a concurrency limit that pushes further requests back. The dispatcher's
// settings do not name the limit.
#include "law/agenda.hpp"
#include "law/weather.hpp"
#include "support/catch.hpp"

#include <map>

namespace skein::law {
namespace {

struct Server {
    std::size_t room;
    Duration latency;
    FaultKind kind = FaultKind::overloaded;
    double noise = 0;  // Share of attempts that are pushed back at any load.
    // Most answers in each time window; the rest is pushed back. 0: no limit.
    std::size_t of_window = 0;
    Duration window{};
};

struct Yield {
    double took = 0;
    double in_vain = 0;  // Attempts that were pushed back, for each row.
    Sequence lost = 0;
};

class Crowded {
public:
    Crowded(const Server& server, std::size_t in_flight, std::uint64_t seed)
        : server_{server},
          rng_{seed},
          dispatcher_{
              Desk{
                  {{.name = "main", .places = in_flight, .seed = seed}},
                  {.in_flight = in_flight, .seed = seed}},
              {.window = 5000, .retry = {.seed = seed}}} {}

    Yield run(Sequence rows) {
        while (delivered_ < rows) {
            for (; asked_ < rows && dispatcher_.has_room(); ++asked_)
                tell(Dispatcher::Submitted{asked_, std::make_shared<Prepared>()});
            advance(dispatcher_, agenda_, now_, [this](Dispatcher::Event event) {
                tell(std::move(event));
            });
        }
        yield_.took = std::chrono::duration<double>(now_ - dawn).count();
        yield_.in_vain = pushed_back_ / static_cast<double>(rows);
        return yield_;
    }

private:
    void tell(Dispatcher::Event event) {
        const auto* done = std::get_if<Dispatcher::AttemptDone>(&event);
        if (done && std::holds_alternative<Completion>(done->result->outcome)) --inside_;
        Dispatcher::Commands commands;
        dispatcher_.on(now_, std::move(event), commands);
        for (auto& command : commands) {
            if (auto* start = std::get_if<Dispatcher::StartAttempt>(&command)) send(*start);
            if (auto* deliver = std::get_if<Dispatcher::Deliver>(&command)) {
                ++delivered_;
                yield_.lost += deliver->reply->completion() ? 0 : 1;
            }
        }
    }

    void send(const Dispatcher::StartAttempt& start) {
        if (inside_ >= server_.room || rng_.unit() < server_.noise || is_window_used_up()) {
            ++pushed_back_;
            Fault fault{.kind = server_.kind, .http_status = 503};
            const auto soon = between(rng_, 1ms, 3ms);
            agenda_.emplace(now_ + soon, done(start, {std::move(fault), {}, true}));
            return;
        }
        ++inside_;
        const auto latency = between(rng_, server_.latency * 9 / 10, server_.latency * 11 / 10);
        agenda_.emplace(now_ + latency, done(start, {Completion{.text = "answer"}, {}, true}));
    }

    bool is_window_used_up() {
        if (server_.of_window == 0) return false;
        const auto number = (now_ - dawn) / server_.window;
        if (number != window_) answered_ = 0;
        window_ = number;
        return ++answered_ > server_.of_window;
    }

    static Dispatcher::AttemptDone done(
        const Dispatcher::StartAttempt& start, AttemptResult result
    ) {
        return {start.attempt.id, std::move(result)};
    }

    Server server_;
    SplitMix rng_;
    Dispatcher dispatcher_;
    Agenda agenda_;
    std::size_t inside_ = 0;
    TimePoint now_ = dawn;
    Sequence asked_ = 0;
    Sequence delivered_ = 0;
    double pushed_back_ = 0;
    Duration::rep window_ = 0;
    std::size_t answered_ = 0;  // In the present window.
    Yield yield_;
};

TEST_CASE(
    "A server with less concurrency than the job is used fully, and no row is lost.", "[law]"
) {
    struct Case {
        std::size_t room, in_flight;
        Duration latency;
        Sequence rows;
    };
    for (const auto& c : std::initializer_list<Case>{
             {48, 256, 200ms, 5000},
             {8, 64, 1s, 500},
             {50, 64, 500ms, 3000},
             {100, 500, 2s, 5000},
             {4, 64, 100ms, 1000}}) {
        for (const auto kind : {FaultKind::overloaded, FaultKind::throttled}) {
            for (std::uint64_t seed = 1; seed <= 5; ++seed) {
                CAPTURE(c.room, c.in_flight, c.latency.count(), to_string(kind), seed);
                const auto yield =
                    Crowded{{c.room, c.latency, kind}, c.in_flight, seed}.run(c.rows);
                const auto ideal = static_cast<double>(c.rows) *
                                   std::chrono::duration<double>(c.latency).count() /
                                   static_cast<double>(c.room);
                CAPTURE(yield.took, ideal, yield.in_vain, yield.lost);
                CHECK(yield.took <= 1.3 * ideal + 5);
                CHECK(yield.in_vain <= 0.4);
                CHECK(yield.lost == 0);
            }
        }
    }
}

TEST_CASE(
    "A limit by the minute that only 429s reveal is waited for, and no row is lost.", "[law]"
) {
    for (const auto in_flight : {1, 16, 64}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            CAPTURE(in_flight, seed);
            const Server server{
                .room = 1000,
                .latency = 50ms,
                .kind = FaultKind::throttled,
                .of_window = 60,
                .window = 10s};
            const auto yield = Crowded{server, static_cast<std::size_t>(in_flight), seed}.run(300);
            CAPTURE(yield.took, yield.in_vain, yield.lost);
            CHECK(yield.lost == 0);
            CHECK(yield.in_vain <= 3.5);
            CHECK(yield.took <= 4 * 40);  // At least four windows pass.
        }
    }
}

}  // namespace
}  // namespace skein::law
