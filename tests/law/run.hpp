// What happened in a run, as an outsider would have seen it, and the laws it must obey.
#pragma once
#include "law/weather.hpp"

#include <compare>
#include <string>
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

// What was said of a worker.
struct Told {
    TimePoint when;
    EndpointIndex endpoint;
    Availability availability;
    auto operator<=>(const Told&) const = default;
};

struct Run {
    std::vector<Started> started;
    std::vector<Ended> ended;
    std::vector<Delivered> delivered;
    std::vector<TimePoint> admitted;  // By number.
    std::vector<Told> news;
    std::vector<TimePoint> calls;  // Of the workers.
    std::size_t most_held = 0;
    std::uint64_t hedges = 0;
    bool finished = false;
    bool idle_while_ready = false;  // A place stood empty while somebody could have gone there.
    bool at_rest = false;           // Nothing held, nothing in flight, and the tally is lawful.

    bool operator==(const Run&) const = default;
};

// The shipped dispatcher, driven by a loop of simulated time.
Run run_dispatcher(const Scene& scene);

// The same life told as a coroutine; see story.hpp.
Run tell_story(const Scene& scene);

// The first law that the run breaks, in words; empty if it breaks none.
std::string broken_law(const Scene& scene, const Run& run);

// The same of a run that was cut short: what must hold at every moment, and not only at the end.
std::string broken_law_within(const Scene& scene, const Run& run);

// Of these, what concerns circuits, quotas and tiers.
std::string endpoints_keep_their_laws(const Scene& scene, const Run& run);

// And what concerns the limits of the whole run.
std::string budgets_hold(const Scene& scene, const Run& run);

// And what concerns workers.
std::string workers_keep_their_laws(const Scene& scene, const Run& run);

// Did it say of the request that it is not for a worker, but may be for a remote endpoint?
bool turns_down(const Fault& fault);

Delivered delivered_of(TimePoint when, Sequence seq, const Reply& reply);

}  // namespace skein::law
