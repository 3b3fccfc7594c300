#pragma once
#include <cstdint>

namespace skein {

// The cap on hedged requests: at most one hedge per twenty requests asked so far, because Dean and
// Barroso found 5 % enough to cut the tail latency (The Tail at Scale, 2013).
class HedgeShare {
public:
    bool allows() const { return (hedged_ + 1) * one_in <= asked_; }
    void asked() { ++asked_; }
    void hedged() { ++hedged_; }

private:
    static constexpr std::uint64_t one_in = 20;

    std::uint64_t asked_ = 0;
    std::uint64_t hedged_ = 0;
};

}  // namespace skein
