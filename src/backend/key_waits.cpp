// Attempts that wait for an API key. Invariant: an attempt is in `waiting_` or with the wire, never
// both, and each one is launched or told exactly once. Loop thread only.
#include "backend/key_waits.hpp"

#include <utility>
#include <vector>

namespace skein {
namespace {

bool is_refusal_of_key(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    return fault && fault->kind == FaultKind::auth;
}

}  // namespace

KeyWaits::KeyWaits(std::shared_ptr<KeyKeeper> keys, Hooks hooks)
    : keys_{std::move(keys)}, hooks_{std::move(hooks)} {}

void KeyWaits::begin(Attempt attempt) {
    const auto endpoint = attempt.endpoint;
    if (!keys_->is_renewable(endpoint)) {
        return hooks_.launch(std::move(attempt), {keys_->fixed(endpoint)});
    }
    decide({.attempt = std::move(attempt)});
}

// A 401 for a renewable key is not told yet: whether it ends as `auth` or as `key_renewed` is known
// when the fetch has ended.
void KeyWaits::ended(AttemptId id, const Flight& flight, AttemptResult result) {
    const auto endpoint = flight.endpoint();
    if (keys_->is_renewable(endpoint) && is_refusal_of_key(result)) {
        return decide(
            {.attempt = {.id = id, .endpoint = endpoint, .request = {}},
             .refusal = std::move(result),
             .generation = flight.key_generation()}
        );
    }
    const bool is_answer = std::holds_alternative<Completion>(result.outcome);
    if (is_answer && keys_->is_renewable(endpoint)) accepted(endpoint, flight.key_generation());
    hooks_.tell(id, endpoint, std::move(result));
}

// An attempt that was refused has been sent; one that waits for its first key has not.
bool KeyWaits::stop(AttemptId id) {
    const auto node = waiting_.extract(id);
    if (node.empty()) return false;
    const auto& waiting = node.mapped();
    hooks_.tell(
        id,
        waiting.attempt.endpoint,
        {Fault{.kind = FaultKind::cancelled, .detail = "told to stop"},
         {},
         waiting.refusal.has_value()}
    );
    return true;
}

void KeyWaits::fetched(EndpointIndex endpoint) {
    // Taken out first, because `decide` may put an attempt back into `waiting_`, and `launch` and
    // `tell` run code outside this class.
    std::vector<Waiting> all;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto here = at++;
        if (here->second.attempt.endpoint != endpoint) continue;
        all.push_back(std::move(here->second));
        waiting_.erase(here);
    }
    for (auto& waiting : all) decide(std::move(waiting));
}

// The end of a fetch cannot be missed between the answer `wait` and the entry in `waiting_`,
// because `fetched` is posted to this loop and runs after this function.
void KeyWaits::decide(Waiting waiting) {
    const auto endpoint = waiting.attempt.endpoint;
    const auto key = waiting.refusal ? keys_->after_refusal(endpoint, waiting.generation)
                                     : keys_->before_request(endpoint);
    if (key.use == KeyRenewal::Use::wait) {
        const auto id = waiting.attempt.id;
        waiting_.emplace(id, std::move(waiting));
    } else if (waiting.refusal) {
        end_with(key, std::move(waiting));
    } else {
        begin_with(key, std::move(waiting));
    }
}

void KeyWaits::begin_with(const KeyKeeper::Key& key, Waiting waiting) {
    auto& attempt = waiting.attempt;
    if (key.use == KeyRenewal::Use::present) {
        return hooks_.launch(std::move(attempt), {key.endpoint, key.generation});
    }
    auto fault = Fault{.kind = FaultKind::auth, .detail = "not asked: " + key.why_none};
    hooks_.tell(attempt.id, attempt.endpoint, {std::move(fault), {}, false});
}

void KeyWaits::end_with(const KeyKeeper::Key& key, Waiting waiting) {
    auto& fault = std::get<Fault>(waiting.refusal->outcome);
    if (key.use == KeyRenewal::Use::present) {
        fault.kind = FaultKind::key_renewed;
        fault.should_retry.reset();  // The server said that about the old key.
        fault.retry_after.reset();
        fault.detail += "; the key has been replaced since";
    } else {
        fault.detail += "; " + key.why_none;
    }
    hooks_.tell(waiting.attempt.id, waiting.attempt.endpoint, std::move(*waiting.refusal));
}

// Reports only the first answer with each key generation, because the keeper takes a mutex.
void KeyWaits::accepted(EndpointIndex endpoint, std::uint64_t generation) {
    auto& newest = accepted_[endpoint];
    if (newest >= generation) return;
    newest = generation;
    keys_->accepted(endpoint, generation);
}

}  // namespace skein
