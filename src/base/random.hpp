// SplitMix64, a small pseudo-random generator that is cheap to seed. Callers seed a new one for
// each draw, so that a draw depends on its purpose and not on earlier draws. Not for cryptography.
#pragma once
#include <cstdint>

namespace skein {

class SplitMix {
public:
    using result_type = std::uint64_t;
    explicit constexpr SplitMix(std::uint64_t seed) : state_{seed} {}
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }

    constexpr result_type operator()() {
        auto z = state_ += 0x9E3779B97F4A7C15ull;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }

    // Uniform in [0, 1).
    constexpr double unit() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

private:
    std::uint64_t state_;
};

// Combines two seeds to one (a hash).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    return SplitMix{a ^ SplitMix{b}()}();
}

}  // namespace skein
