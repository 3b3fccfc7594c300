// The laws of tpm, input_tpm and output_tpm: what is reserved, and what is counted, passes no rate.
#include "law/run.hpp"

#include <algorithm>
#include <map>

namespace skein::law {
namespace {

// The limits of one endpoint: a rate, and what an attempt takes of it.
struct TokenRate {
    const char* name;
    double per_minute;
    double (*reserved)(const Prepared&);
    double (*counted)(const Usage&, const Place&);
};

std::vector<TokenRate> token_rates_of(const Place& place) {
    return {
        {"tpm",
         place.tpm,
         [](const Prepared& r) { return static_cast<double>(r.tokens); },
         [](const Usage& u, const Place&) {
             return static_cast<double>(u.input_tokens + u.output_tokens);
         }},
        {"input_tpm",
         place.input_tpm,
         [](const Prepared& r) { return static_cast<double>(r.prompt_tokens); },
         [](const Usage& u, const Place& p) {
             const auto cached = p.counts_cached ? 0 : u.cached_tokens;
             return static_cast<double>(u.input_tokens - cached);
         }},
        {"output_tpm",
         place.output_tpm,
         [](const Prepared& r) { return static_cast<double>(r.tokens - r.prompt_tokens); },
         [](const Usage& u, const Place&) { return static_cast<double>(u.output_tokens); }}};
}

// Without usages the charge is the reservation: no span of time holds more of them than the rate.
std::string reserved_holds(
    const Scene& scene, const Run& run, EndpointIndex which, const TokenRate& rate
) {
    std::vector<std::pair<TimePoint, double>> taken;
    for (const auto& s : run.started) {
        if (s.endpoint != which) continue;
        taken.emplace_back(s.when, rate.reserved(*request_of(scene, s.seq)));
    }
    return bucket_holds(taken, rate.per_minute);
}

// With usages: at each start, the tokens that answers were told to have taken so far are no more
// than a burst and what has flowed in. What is still reserved comes on top, so this holds whatever
// was expected of the answers.
std::string counted_holds(
    const Scene& scene, const Run& run, EndpointIndex which, const TokenRate& rate
) {
    const auto& place = scene.places[which];
    std::map<std::pair<Sequence, int>, TimePoint> began;
    TimePoint first = never;
    double counted = 0;
    auto end = run.ended.begin();
    for (const auto& s : run.started) {
        for (; end != run.ended.end() && end->when < s.when; ++end) {
            const auto at = began.find({end->seq, end->number});
            if (at == began.end()) continue;  // At another endpoint.
            const auto answer = answer_to(scene, end->seq, end->number, which, at->second);
            const auto* completion = std::get_if<Completion>(&answer.result.outcome);
            const bool was_stopped = at->second + answer.latency != end->when;
            if (was_stopped || !completion || !completion->usage) continue;
            counted += rate.counted(*completion->usage, place);
        }
        if (s.endpoint != which) continue;
        began[{s.seq, s.number}] = s.when;
        first = std::min(first, s.when);
        const std::chrono::duration<double> span = s.when - first;
        const auto burst = std::max(1.0, rate.per_minute / 60);
        if (counted > burst + rate.per_minute / 60 * span.count() + 1e-3) {
            return "more tokens than the published rate";
        }
    }
    return "";
}

}  // namespace

std::string bucket_holds(
    const std::vector<std::pair<TimePoint, double>>& taken, double per_minute
) {
    if (per_minute <= 0) return "";
    double max = std::max(1.0, per_minute / 60);
    for (const auto& t : taken) max = std::max(max, t.second);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        double sum = 0;
        for (std::size_t j = i; j < taken.size(); ++j) {
            sum += taken[j].second;
            const std::chrono::duration<double> span = taken[j].first - taken[i].first;
            if (sum > max + per_minute / 60 * span.count() + 1e-3)
                return "faster than the published rate";
        }
    }
    return "";
}

std::string token_rates_hold(const Scene& scene, const Run& run) {
    for (EndpointIndex i = 0; i < scene.places.size(); ++i) {
        for (const auto& rate : token_rates_of(scene.places[i])) {
            if (rate.per_minute <= 0) continue;
            auto broken = counted_holds(scene, run, i, rate);
            if (broken.empty() && scene.says_usage == 0) {
                broken = reserved_holds(scene, run, i, rate);
            }
            if (!broken.empty()) return broken + " (" + rate.name + ")";
        }
    }
    return "";
}

}  // namespace skein::law
