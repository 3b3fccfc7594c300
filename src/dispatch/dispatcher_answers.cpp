// Answers that are not as they must be (`Settings::expect`): the request is asked again, with what
// was wrong, until it has been answered often enough. That does not count against the attempts,
// which are for faults. Control thread only.
#include "dispatch/dispatcher.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

void add(Usage& sum, const Usage& usage) {
    sum.input_tokens += usage.input_tokens;
    sum.output_tokens += usage.output_tokens;
    sum.cached_tokens += usage.cached_tokens;
    sum.cache_write_tokens += usage.cache_write_tokens;
    sum.cache_write_1h_tokens += usage.cache_write_1h_tokens;
    sum.reasoning_tokens += usage.reasoning_tokens;
    if (usage.cost) sum.cost = sum.cost.value_or(0) + *usage.cost;
}

}  // namespace

// Keeps what the answer has cost, because the reply has the sum over all of them.
void Dispatcher::note_unfit(RequestState& life, EndpointIndex endpoint, const Unfit& unfit) {
    if (!life.unfit_answers) life.unfit_answers = std::make_unique<UnfitAnswers>();
    auto& answers = *life.unfit_answers;
    ++answers.count;
    if (!unfit.usage) return;
    if (!answers.usage) answers.usage.emplace();
    add(*answers.usage, *unfit.usage);
    if (const auto cost = desk_.cost_of(endpoint, *unfit.usage, unfit.service_tier))
        answers.cost = answers.cost.value_or(0) + *cost;
}

// Asks again, if that is worth it; the request is then in line, or has been given up. An answer
// that comes too late to be asked again is what the request ends with.
bool Dispatcher::asks_again(
    TimePoint now, Lives::iterator at, const AttemptResult& result, Commands& out
) {
    auto& life = at->second;
    if (!result.unfit || !result.unfit->again || life.stopped) return false;
    auto& answers = *life.unfit_answers;
    if (answers.count >= settings_.answers) return false;
    // The very same question is asked once more, not again and again.
    auto again = result.unfit->again;
    const bool is_same = again == life.request;
    if (is_same && answers.is_repeated) return false;
    if (life.deadline != never && now >= latest_start(life.clock, life.deadline)) return false;
    answers.is_repeated = answers.is_repeated || is_same;
    life.last_fault = in_a_few_words(std::get<Fault>(result.outcome));
    bytes_ += again->bytes();
    bytes_ -= life.request->bytes();
    life.request = std::move(again);
    line_up_again(now, at, out);
    return true;
}

// The last answer with the tokens and the cost of those before it.
void Dispatcher::add_unfit(const UnfitAnswers& before, Reply& reply) {
    auto* completion = std::get_if<Completion>(&reply.outcome);
    if (!completion) return;
    completion->answers = before.count + 1;
    if (before.usage) {
        auto sum = completion->usage.value_or(Usage{});
        add(sum, *before.usage);
        completion->usage = sum;
    }
    if (before.cost) reply.cost = reply.cost.value_or(0) + *before.cost;
}

}  // namespace skein
