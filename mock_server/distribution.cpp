#include "mock_server/distribution.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace skein::mock {
namespace {

Duration bounded(double nanoseconds) {
    if (!(nanoseconds > 0)) return Duration{};
    if (nanoseconds >= static_cast<double>(max_length.count())) return max_length;
    return Duration{std::llround(nanoseconds)};
}

double count(Duration duration) { return static_cast<double>(duration.count()); }

// More than 0 and at most 1: its logarithm is a number.
double positive_unit(SplitMix& random) { return 1.0 - random.unit(); }

// Box-Muller transform, because draws of the standard library differ between implementations.
double normal(SplitMix& random) {
    const auto radius = std::sqrt(-2 * std::log(positive_unit(random)));
    return radius * std::cos(2 * std::numbers::pi * random.unit());
}

struct Draw {
    SplitMix random;

    Duration operator()(const Constant& shape) { return bounded(count(shape.value)); }
    Duration operator()(const Uniform& shape) {
        return bounded(count(shape.from) + random.unit() * (count(shape.to) - count(shape.from)));
    }
    Duration operator()(const Exponential& shape) {
        return bounded(-std::log(positive_unit(random)) * count(shape.mean));
    }
    Duration operator()(const Lognormal& shape) {
        return bounded(count(shape.median) * std::exp(shape.sigma * normal(random)));
    }
};

}  // namespace

Duration draw(const Distribution& distribution, std::uint64_t seed) {
    return std::visit(Draw{SplitMix{seed}}, distribution);
}

}  // namespace skein::mock
