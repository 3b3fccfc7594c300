// Simulated workers on this machine: they start, die with their requests, start again, and some are
// given up. The supervisor's updates are all computed beforehand.
#pragma once
#include "law/weather.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace skein::law {

// Adds workers to the scene, beside its endpoints or instead of them.
Scene with_workers(Scene scene);

// The updates about workers that come in any case, with their times.
std::vector<std::pair<TimePoint, EndpointUpdate>> news_of(const Scene& scene);

// Time at which a worker is reported alive after it broke off a request; nothing if it is dead.
std::optional<TimePoint> found_well_at(const Scene& scene, EndpointIndex endpoint, TimePoint now);

// The answer of an attempt that began at that time, or worker_died if the worker dies before it.
Answer lived_through(const Place& place, TimePoint began, Answer answer, SplitMix& rng);

// Is it known before sending that no worker can serve the request?
bool is_for_remote_only(const Scene& scene, Sequence seq);

}  // namespace skein::law
