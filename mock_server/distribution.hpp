// How long something takes: a shape, from which a time is drawn by a seed.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <variant>

namespace skein::mock {

struct Constant {
    Duration value{};
    bool operator==(const Constant&) const = default;
};

struct Uniform {
    Duration from{};
    Duration to{};
    bool operator==(const Uniform&) const = default;
};

struct Exponential {
    Duration mean{};
    bool operator==(const Exponential&) const = default;
};

struct Lognormal {
    Duration median{};
    double sigma = 0;
    bool operator==(const Lognormal&) const = default;
};

using Distribution = std::variant<Constant, Uniform, Exponential, Lognormal>;

// Nothing here takes longer.
inline constexpr Duration max_length = std::chrono::hours{24};

// The same seed draws the same time. At least zero, at most `max_length`.
Duration draw(const Distribution& distribution, std::uint64_t seed);

}  // namespace skein::mock
