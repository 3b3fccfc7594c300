// Renewal of an API key that can change: when to fetch it, and what a 401 means.
#pragma once
#include <skein/time.hpp>

#include <cstdint>

namespace skein {

// A state machine for one key. Keys have generations: the first key is 1, and each different key
// that is fetched adds one. The owner fetches when `take_fetch` returns true, and reports the
// result by `fetched` or `failed`. No clock and no lock: one thread at a time.
//
//  - A refusal of an older generation says nothing about the present key: the present key is tried.
//  - A refusal of the present key asks for one fetch, however many requests were refused. If the
//    fetch brings the same key, or none, the key is lost. Three keys in a row without one accepted
//    request also end it, because then the server refuses something else.
//  - A key older than its lifetime is fetched before the next request. If the fetch fails, the
//    present key is used for another lifetime, because the server has not refused it.
class KeyRenewal {
public:
    struct Settings {
        bool begins_with_key = true;  // False: fetched before the first request.
        Duration lifetime{};          // Zero: the key is kept until it is refused.
    };
    enum class Use : std::uint8_t {
        present,  // Send the request with the present key.
        wait,     // Decide again when the fetch has ended.
        none,     // No key is accepted: the request cannot be sent.
    };

    KeyRenewal(Settings settings, TimePoint now);

    std::uint64_t generation() const { return generation_; }

    Use before_request(TimePoint now);
    Use after_refusal(std::uint64_t generation);
    void accepted(std::uint64_t generation);

    // True once for each fetch that must begin; the caller then starts it.
    bool take_fetch();

    void fetched(TimePoint now, bool is_another);
    void failed(TimePoint now);
    bool is_lost() const { return state_ == State::lost; }

private:
    enum class State : std::uint8_t { usable, to_fetch, fetching, lost };

    Use use() const;

    const Settings settings_;
    State state_;
    std::uint64_t generation_;
    TimePoint since_;
    bool is_refused_ = false;  // The present key was refused.
    int unproven_;             // Generations in a row without one accepted request.
};

}  // namespace skein
