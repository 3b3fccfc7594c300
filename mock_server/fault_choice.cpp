#include "mock_server/fault_choice.hpp"

#include "base/random.hpp"
#include "mock_server/spoil.hpp"

namespace skein::mock {

std::uint64_t seed_of(
    std::uint64_t weather_seed, std::uint64_t prompt_hash, std::uint32_t attempt
) {
    return mix(mix(weather_seed, prompt_hash), attempt);
}

FaultChoice::FaultChoice(std::vector<Rule> rules, std::uint64_t seed)
    : rules_{std::move(rules)}, reached_(rules_.size()), seed_{seed} {}

// The first rule that applies. A rule counts the requests that come as far as it, also those that
// its `every` or `count` then passes on.
const Rule* FaultChoice::choose(const Seen& seen) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (!concerns(i, seen)) continue;
        const auto& rule = rules_[i];
        const auto number = ++reached_[i];
        if (rule.every && number % *rule.every != 0) continue;
        const auto of_these = rule.every ? number / *rule.every : number;
        if (rule.count && of_these > *rule.count) continue;
        return &rule;
    }
    return nullptr;
}

bool FaultChoice::concerns(std::size_t index, const Seen& seen) const {
    const auto& rule = rules_[index];
    if (!applies(rule.fault, seen.stream, seen.index)) return false;
    if (!rule.request.empty() && rule.request != seen.request) return false;
    if (!rule.contains.empty() && seen.prompt.find(rule.contains) == seen.prompt.npos) return false;
    if (rule.first_attempts && seen.attempt > *rule.first_attempts) return false;
    if (seen.since_start < rule.from) return false;
    if (rule.until > Duration::zero() && seen.since_start >= rule.until) return false;
    if (rule.rate >= 1) return true;
    const auto seed = mix(seed_of(seed_, seen.prompt_hash, seen.attempt), index + 1);
    return SplitMix{seed}.unit() < rule.rate;
}

}  // namespace skein::mock
