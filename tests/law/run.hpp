// The observable events of a simulated run, and the laws that they must obey.
#pragma once
#include "law/weather.hpp"

#include <compare>
#include <string>
#include <utility>
#include <vector>

namespace skein::law {

struct Started {
    TimePoint when;
    Sequence seq;
    int number;
    EndpointIndex endpoint;
    auto operator<=>(const Started&) const = default;
};

struct Ended {
    TimePoint when;
    Sequence seq;
    int number;
    EndpointIndex endpoint;
    bool sent;
    TimePoint stopped = never;  // Time at which it was told to stop; `never`: it was not.
    auto operator<=>(const Ended&) const = default;
};

struct Delivered {
    TimePoint when;
    Sequence seq;
    std::string outcome;  // The kind of fault, or `completed`.
    int attempts;
    int maybe_executed;
    std::string endpoint;
    ServedBy served_by;
    Duration queued;
    auto operator<=>(const Delivered&) const = default;
};

// The first piece of an answer went to its reader.
struct HandedOn {
    TimePoint when;
    Sequence seq;
    int number;
    auto operator<=>(const HandedOn&) const = default;
};

// An update about a worker.
struct Told {
    TimePoint when;
    EndpointIndex endpoint;
    Availability availability;
    auto operator<=>(const Told&) const = default;
};

struct Run {
    std::vector<Started> started;
    std::vector<Ended> ended;
    std::vector<HandedOn> handed_on;
    std::vector<Delivered> delivered;
    std::vector<TimePoint> admitted;  // By number.
    std::vector<Told> news;
    std::vector<TimePoint> calls;  // Of the workers.
    std::size_t max_held = 0;
    std::uint64_t hedges = 0;
    std::uint64_t rerouted = 0;  // Of the dispatcher alone.
    bool finished = false;
    bool idle_while_ready = false;  // A place was free while a request could have started there.
    bool at_rest = false;           // Nothing held or in flight, and the tally is consistent.

    bool operator==(const Run&) const = default;
};

// The shipped dispatcher, driven by a loop of simulated time.
Run run_dispatcher(const Scene& scene);

// The same scene run by the twin; see story.hpp.
Run tell_story(const Scene& scene);

// Text of the first law that the run breaks; empty if it breaks none.
std::string broken_law(const Scene& scene, const Run& run);

// The same for a run that was cut short: only the laws that hold at every moment.
std::string broken_law_within(const Scene& scene, const Run& run);

// The laws of circuits, quotas and tiers.
std::string endpoints_keep_their_laws(const Scene& scene, const Run& run);

// In any interval: at most the burst (or the most expensive single attempt) plus the refill.
std::string bucket_holds(const std::vector<std::pair<TimePoint, double>>& taken, double per_minute);

// The laws of the limits of tokens.
std::string token_rates_hold(const Scene& scene, const Run& run);

// The laws of the limits of the whole run.
std::string budgets_hold(const Scene& scene, const Run& run);

// The laws of workers.
std::string workers_keep_their_laws(const Scene& scene, const Run& run);

// Does the outcome mean that a worker is unfit for the request, and a remote endpoint may serve it?
bool turns_down(const Fault& fault);

Delivered delivered_of(TimePoint when, Sequence seq, const Reply& reply);

}  // namespace skein::law
