#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace skein {

using EndpointIndex = std::size_t;

// A set of remote endpoints, by their index in the settings. Sixteen bytes, because each waiting
// request has one. It is empty for nearly all requests.
class EndpointSet {
public:
    // More than the settings may have.
    static constexpr std::size_t capacity = 128;

    // An index beyond the capacity is that of a local worker, and never in the set.
    bool has(EndpointIndex at) const {
        return at < capacity && (words_[at / bits] >> at % bits & 1U) != 0;
    }
    void add(EndpointIndex at) {
        if (at < capacity) words_[at / bits] |= std::uint64_t{1} << at % bits;
    }
    void add(const EndpointSet& others) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= others.words_[i];
    }
    bool empty() const { return words_ == std::array<std::uint64_t, 2>{}; }

    auto operator<=>(const EndpointSet&) const = default;

private:
    static constexpr std::size_t bits = 64;
    std::array<std::uint64_t, capacity / bits> words_{};
};

}  // namespace skein
