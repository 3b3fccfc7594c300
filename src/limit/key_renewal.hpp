// When a key that can change is fetched, and what its refusal means.
#pragma once
#include <skein/time.hpp>

#include <cstdint>

namespace skein {

// A state machine for one key. Keys have generations: the first one is 1, each other key that is
// fetched is one more. The owner fetches when `take_fetch` says so, and reports how it went.
//
//  - A refusal of an older generation is late news: the present key is tried.
//  - A refusal of the present one asks for a fetch, once for all requests that it was refused for.
//    The same key again, or no key, is the end. So are three keys in a row of which none was ever
//    accepted: the server refuses something else.
//  - A key that is older than its lifetime is fetched before the next request. If that fails, the
//    present key is used for another lifetime, because the server has not refused it.
class KeyRenewal {
public:
    struct Settings {
        bool begins_with_key = true;  // False: fetched before the first request.
        Duration lifetime{};          // Zero: until it is refused.
    };
    enum class Use : std::uint8_t {
        present,  // Send the request with the present key.
        wait,     // Decide again when the fetch has ended.
        none,     // There is no key that is accepted.
    };

    KeyRenewal(Settings settings, TimePoint now);

    std::uint64_t generation() const { return generation_; }

    Use before_request(TimePoint now);
    Use after_refusal(std::uint64_t generation);
    void accepted(std::uint64_t generation);

    // True once for each fetch that must begin.
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
    bool is_refused_ = false;  // The present one.
    int unproven_;             // Generations in a row of which none has been accepted.
};

}  // namespace skein
