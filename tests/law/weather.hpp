// Weather (simulated faults): endpoints, their answers and times, all a function of one seed.
#pragma once
#include "base/random.hpp"
#include "dispatch/desk.hpp"
#include "dispatch/dispatcher.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::law {

using namespace std::chrono_literals;

inline const TimePoint dawn{1h};

// One endpoint and its faults. A share counts attempts unless it says otherwise.
struct Place {
    std::string name;
    int tier = 0;
    double weight = 1;
    std::size_t room = 8;
    double rpm = 0;
    double tpm = 0;
    double input_tpm = 0;
    double output_tpm = 0;
    bool counts_cached = true;
    Price price{};
    double fails = 0;                   // 500, connection lost, cut streams …
    double throttles = 0;               // 429 and 503, most with a Retry-After.
    double rejects = 0;                 // 400, 403, 404.
    double slow = 0;                    // Answers that take a hundred times as long.
    double poisons = 0;                 // Share of rows that fail every time.
    std::optional<FaultKind> poison{};  // How; none: each in a way of its own.
    double noise = 0;  // Share of attempts that fail at random, at once, at any load.
    std::optional<FaultKind> noise_kind{};  // How; none: each in a way of its own.
    Duration fast = 20ms;
    Duration typical = 200ms;
    Duration first_answer{};  // Longest wait before any sign of life.
    Duration max_outage{};    // Longest wait after one.
    TimePoint down_from = never;
    TimePoint down_until = never;
    TimePoint busy_from = never;  // From then on 503 for every attempt.
    TimePoint busy_until = never;
    Duration flaps_every = Duration::zero();  // Up for this time, then down for this time.
    TimePoint loads_until = dawn;             // The model is loading until then.
    double tells = 0;                         // Answers that report the rate limits.
    double tells_tokens = 0;                  // Answers that report those of tokens.
    TimePoint closes_at = never;              // From then on the key is refused.
    double cannot = 0;                        // Share of rows that its API has no words for.
    double unfit = 0;  // Share of attempts whose prompt is too long, or filtered.
    std::vector<std::pair<FaultKind, EndpointIndex>> on{};  // Where such rows go on.
    double parks = 0;  // 429 with a Retry-After of hours, or an exhausted quota with a Retry-After.

    // A worker on this machine; see workers.hpp.
    struct Life {
        TimePoint from;
        TimePoint until = never;
        Duration noticed{};       // Time until its death is reported.
        bool is_noticed = false;  // Whether its death is reported at all.
    };
    bool is_local = false;
    Duration after{};
    std::vector<Life> lives{};
    bool is_given_up = false;  // Shut after the last of its lives.
    double breaks = 0;         // Breaks off a request and stays alive.
    double turns_down = 0;     // Rejects a request as unfit, which another server may serve.
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
    double streams = 0;     // Share of requests whose pieces go to a reader.
    TimePoint cancel_all_at = never;
    TimePoint stop_starting_at = never;
};

// A scene of its own for every seed: calm, storm and all between.
Scene scene_of(std::uint64_t seed);

// A value drawn at random; all are equally likely.
Duration between(SplitMix& rng, Duration from, Duration to);
double one_of(SplitMix& rng, std::initializer_list<double> values);

// Poison rows and random failures, of one kind or of all, or none.
void make_noisy(Place& place, SplitMix& rng);

// Limits of the tokens of prompts and of answers apart, in the settings and in what servers tell.
void limit_tokens_apart(Scene& scene);

// Rows that only some of the endpoints can serve.
void make_choosy(Scene& scene);

Desk desk_of(const Scene& scene);

RequestPtr request_of(const Scene& scene, Sequence seq);

// Time from dawn at which the caller cancels the request; nothing if it does not.
std::optional<Duration> cancel_of(const Scene& scene, Sequence seq);

struct Answer {
    Duration latency;
    AttemptResult result;
    std::optional<Duration> first_chunk{};  // Of a request with a reader, if a piece comes.
};

// The result of an attempt that starts now.
Answer answer_to(
    const Scene& scene, Sequence seq, int number, EndpointIndex endpoint, TimePoint now
);

// Does this row fail at every attempt at this endpoint?
bool is_poison(const Scene& scene, Sequence seq, EndpointIndex endpoint);

// Time until a stopped attempt has ended.
Duration stopping_time(const Scene& scene, Sequence seq, int number);

}  // namespace skein::law
