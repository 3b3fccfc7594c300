// The state machine of one renewable key: usable, to_fetch, fetching, lost. The header explains the
// rules. Pure: no clock, no lock.
#include "limit/key_renewal.hpp"

namespace skein {
namespace {

// After three different keys without one accepted request, another key will not help either.
constexpr int max_unproven = 3;

}  // namespace

KeyRenewal::KeyRenewal(Settings settings, TimePoint now)
    : settings_{settings},
      state_{settings.begins_with_key ? State::usable : State::to_fetch},
      generation_{settings.begins_with_key ? 1u : 0u},
      since_{now},
      unproven_{settings.begins_with_key ? 1 : 0} {}

KeyRenewal::Use KeyRenewal::before_request(TimePoint now) {
    const bool has_lifetime = settings_.lifetime > Duration::zero();
    if (state_ == State::usable && has_lifetime && now - since_ >= settings_.lifetime) {
        state_ = State::to_fetch;
    }
    return use();
}

KeyRenewal::Use KeyRenewal::after_refusal(std::uint64_t generation) {
    // Many requests may still be in flight with an older key. Their refusals are no news.
    if (generation != generation_ || state_ == State::lost) return use();
    is_refused_ = true;
    // A fetch that is under way answers this refusal too: one fetch is enough.
    if (state_ == State::usable) {
        state_ = unproven_ < max_unproven ? State::to_fetch : State::lost;
    }
    return use();
}

void KeyRenewal::accepted(std::uint64_t generation) {
    if (generation == generation_) unproven_ = 0;
}

bool KeyRenewal::take_fetch() {
    if (state_ != State::to_fetch) return false;
    state_ = State::fetching;
    return true;
}

void KeyRenewal::fetched(TimePoint now, bool is_another) {
    // The source still has the refused key.
    if (!is_another && is_refused_) return failed(now);
    state_ = State::usable;
    since_ = now;
    // The same key, which no server has refused: its lifetime begins anew.
    if (!is_another) return;
    ++generation_;
    ++unproven_;
    is_refused_ = false;
}

void KeyRenewal::failed(TimePoint now) {
    // A key that the server has not refused stays in use for another lifetime.
    const bool is_still_good = generation_ > 0 && !is_refused_;
    state_ = is_still_good ? State::usable : State::lost;
    since_ = now;
}

KeyRenewal::Use KeyRenewal::use() const {
    switch (state_) {
        case State::usable:
            return Use::present;
        case State::to_fetch:
        case State::fetching:
            return Use::wait;
        case State::lost:
            break;
    }
    return Use::none;
}

}  // namespace skein
