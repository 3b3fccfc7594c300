// Simulated weather: who is asked, what they answer and when, all of it a function of one seed.
#pragma once
#include "base/random.hpp"
#include "dispatch/desk.hpp"
#include "dispatch/dispatcher.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace skein::law {

using namespace std::chrono_literals;

inline const TimePoint dawn{1h};

// One endpoint and its temper. Shares are of attempts.
struct Place {
    std::string name;
    int tier = 0;
    double weight = 1;
    std::size_t room = 8;
    double rpm = 0;
    double tpm = 0;
    Price price{};
    double fails = 0;                   // 500, connection lost, cut streams …
    double throttles = 0;               // 429 and 503, most with a Retry-After.
    double rejects = 0;                 // 400, 403, 404.
    double slow = 0;                    // Takes a hundred times as long.
    double poisons = 0;                 // Of rows: they fail every time, whoever else is served.
    std::optional<FaultKind> poison{};  // How; none: each in a way of its own.
    double noise = 0;  // Of attempts: they fail by chance, at once, whatever the load.
    std::optional<FaultKind> noise_kind{};  // How; none: each in a way of its own.
    Duration fast = 20ms;
    Duration typical = 200ms;
    Duration first_answer{};    // How long it is waited for, before any sign of life,
    Duration longest_outage{};  // and after.
    TimePoint down_from = never;
    TimePoint down_until = never;
    TimePoint busy_from = never;  // 503 for everything.
    TimePoint busy_until = never;
    Duration flaps_every = Duration::zero();  // Up for so long, then down for so long.
    TimePoint loads_until = dawn;             // Its model is not there before.
    double tells = 0;                         // Of its rate limits, with an answer.
    TimePoint closes_at = never;              // From then on the key is refused.
    double parks =
        0;  // 429 with a Retry-After of hours, or an empty purse that says when it is filled.

    // A worker on this machine; see workers.hpp.
    struct Life {
        TimePoint from;
        TimePoint until = never;
        Duration noticed{};       // How long it takes until its end is said,
        bool is_noticed = false;  // if it is.
    };
    bool is_local = false;
    Duration after{};
    std::vector<Life> lives{};
    bool is_given_up = false;  // After the last of them.
    double breaks = 0;         // A request, and lives on.
    double turns_down = 0;     // As not for it, though somebody else may serve it.
};

// Everything a run depends on.
struct Scene {
    std::uint64_t seed = 1;
    std::vector<Place> places{};
    std::size_t in_flight = 8;
    BudgetSettings budget{};
    Dispatcher::Settings settings{};
    Sequence requests = 200;
    double says_usage = 1;  // Share of completions that tell their tokens.
    double cancels = 0;     // Share of requests that are cancelled by the caller.
    double embeddings = 0;  // Share of requests that no worker can serve.
    TimePoint cancel_all_at = never;
    TimePoint stop_starting_at = never;
};

// A scene of its own for every seed: calm, storm and all between.
Scene scene_of(std::uint64_t seed);

// Drawn, all alike.
Duration between(SplitMix& rng, Duration from, Duration to);
double one_of(SplitMix& rng, std::initializer_list<double> values);

// Poison rows and random failures, of one kind or of all, or none.
void make_noisy(Place& place, SplitMix& rng);

Desk desk_of(const Scene& scene);

RequestPtr request_of(const Scene& scene, Sequence seq);

// When the caller cancels it, counted from dawn; nothing if he does not.
std::optional<Duration> cancel_of(const Scene& scene, Sequence seq);

struct Answer {
    Duration latency;
    AttemptResult result;
};

// What comes of an attempt that starts now.
Answer answer_to(
    const Scene& scene, Sequence seq, int number, EndpointIndex endpoint, TimePoint now
);

// Does this row fail every time it is asked there?
bool is_poison(const Scene& scene, Sequence seq, EndpointIndex endpoint);

// How long an attempt that was told to stop takes to be gone.
Duration stopping_time(const Scene& scene, Sequence seq, int number);

}  // namespace skein::law
