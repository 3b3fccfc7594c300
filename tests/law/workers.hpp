// Workers on this machine, as the weather has them: they come, die with all they were at, come
// again, and some are given up. Whoever watches over them tells; all of it is known beforehand.
#pragma once
#include "law/weather.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace skein::law {

// The scene, and workers for when the others are away; or alone.
Scene with_workers(Scene scene);

// What is said of them whatever happens, and when.
std::vector<std::pair<TimePoint, EndpointUpdate>> news_of(const Scene& scene);

// When it is said to be there after all, one having been broken off there; nothing if it is not.
std::optional<TimePoint> found_well_at(const Scene& scene, EndpointIndex endpoint, TimePoint now);

// What becomes of an answer of a worker that was begun at that moment.
Answer lived_through(const Place& place, TimePoint began, Answer answer, SplitMix& rng);

// Is it plain from the request that no worker can serve it?
bool is_for_remote_only(const Scene& scene, Sequence seq);

}  // namespace skein::law
