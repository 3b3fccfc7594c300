// The law of budgets: spent plus reserved (by attempts in flight) never exceeds a limit.
#include "law/run.hpp"

#include <map>

namespace skein::law {
namespace {

struct Spent {
    double requests = 0;
    double tokens = 0;
    double cost = 0;

    void add(const Spent& other, double sign = 1) {
        requests += sign * other.requests;
        tokens += sign * other.tokens;
        cost += sign * other.cost;
    }
};

Spent spent_on(double input, double output, const Price& price) {
    return {1, input + output, (input * price.usual.input + output * price.usual.output) / 1e6};
}

std::string passed(const Spent& spent, const BudgetSettings& max) {
    const auto above = [](double value, double limit) {
        return limit > 0 && value > limit * (1 + 1e-6);
    };
    if (above(spent.requests, max.requests)) return "more requests than max_requests";
    if (above(spent.tokens, max.tokens)) return "more tokens than max_tokens";
    return above(spent.cost, max.cost) ? "a higher cost than max_cost" : "";
}

// The actual cost of an attempt if it is known; otherwise its reservation.
Spent came_to(const Scene& scene, const Ended& e, TimePoint began, const Spent& reserved) {
    const auto answer = answer_to(scene, e.seq, e.number, e.endpoint, began);
    const bool was_stopped = began + answer.latency != e.when;
    if (was_stopped) return reserved;
    if (const auto* fault = std::get_if<Fault>(&answer.result.outcome)) {
        if (!answer.result.sent) return {};
        return executed(fault->kind) == Executed::no ? Spent{.requests = 1} : reserved;
    }
    const auto& usage = std::get<Completion>(answer.result.outcome).usage;
    if (!usage) return reserved;
    return spent_on(
        static_cast<double>(usage->input_tokens),
        static_cast<double>(usage->output_tokens),
        scene.places[e.endpoint].price
    );
}

}  // namespace

std::string budgets_hold(const Scene& scene, const Run& run) {
    Spent spent;
    std::map<std::pair<Sequence, int>, std::pair<TimePoint, Spent>> flying;
    auto end = run.ended.begin();
    for (const auto& s : run.started) {
        for (; end != run.ended.end() && end->when <= s.when; ++end) {
            const auto flight = flying.extract({end->seq, end->number}).mapped();
            spent.add(flight.second, -1);
            spent.add(came_to(scene, *end, flight.first, flight.second));
        }
        const auto request = request_of(scene, s.seq);
        const auto input = static_cast<double>(request->prompt_tokens);
        const auto output = static_cast<double>(request->tokens) - input;
        const auto reserved = spent_on(input, output, scene.places[s.endpoint].price);
        spent.add(reserved);
        flying.emplace(std::pair{s.seq, s.number}, std::pair{s.when, reserved});
        if (auto broken = passed(spent, scene.budget); !broken.empty()) return broken;
    }
    return "";
}

}  // namespace skein::law
