// Chooses the fault of a request, by the rules of the weather.
#pragma once
#include "mock_server/weather.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::mock {

// The facts of a request that a rule may depend on.
struct Seen {
    std::string_view prompt{};
    std::uint64_t prompt_hash = 0;
    std::string_view request{};  // Its id, if the client told one.
    std::uint32_t attempt = 1;
    std::size_t index = 0;  // How many requests the connection served before.
    bool stream = false;
    Duration since_start{};  // Of this weather.
};

// The seed for random draws about an attempt. It depends on what the attempt is and not on its
// time, so that a second run draws the same.
std::uint64_t seed_of(std::uint64_t weather_seed, std::uint64_t prompt_hash, std::uint32_t attempt);

// Applies the rules in their order; the first that fits counts. Only `count` and `every` depend on
// earlier requests.
class FaultChoice {
public:
    FaultChoice(std::vector<Rule> rules, std::uint64_t seed);

    // The fault for this request, valid as long as this object lives; or nullptr: none.
    const Rule* choose(const Seen& seen);

private:
    bool concerns(std::size_t rule, const Seen& seen) const;

    std::vector<Rule> rules_;
    std::vector<std::uint64_t> reached_;  // Of each rule: how many requests came as far as this.
    std::uint64_t seed_;
};

}  // namespace skein::mock
