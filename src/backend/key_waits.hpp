// Attempts of one wire thread whose endpoint has a key that can change.
#pragma once
#include "backend/flight.hpp"
#include "backend/key_keeper.hpp"
#include "model/attempt.hpp"

#include <functional>
#include <map>
#include <optional>

namespace skein {

// Stands before and behind the wire. An attempt begins with the present key. While a key is being
// fetched, attempts wait here, both those that have not begun and those that were refused with the
// old key: they keep their places in flight, and so no more requests are refused meanwhile. A
// refused attempt then ends as `key_renewed`, and its request is asked again; an attempt is one
// request on the wire, never two.
class KeyWaits {
public:
    struct Hooks {
        std::function<void(Attempt, Flight::Keyed)> launch;
        std::function<void(AttemptId, EndpointIndex, AttemptResult)> tell;
    };

    KeyWaits(std::shared_ptr<KeyKeeper> keys, Hooks hooks);

    void begin(Attempt attempt);
    void ended(AttemptId id, const Flight& flight, AttemptResult result);

    // False if it does not wait here.
    bool stop(AttemptId id);

    // A fetch has ended: everybody who waits for it decides again.
    void fetched(EndpointIndex endpoint);

private:
    struct Waiting {
        Attempt attempt{};  // Its endpoint and id also where it was refused.
        std::optional<AttemptResult> refusal{};
        std::uint64_t generation = 0;  // Of the key that was refused.
    };

    void decide(Waiting waiting);
    void begin_with(const KeyKeeper::Key& key, Waiting waiting);
    void end_with(const KeyKeeper::Key& key, Waiting waiting);
    void accepted(EndpointIndex endpoint, std::uint64_t generation);

    const std::shared_ptr<KeyKeeper> keys_;
    const Hooks hooks_;
    std::map<AttemptId, Waiting> waiting_;
    std::map<EndpointIndex, std::uint64_t> accepted_;  // The newest generation that was.
};

}  // namespace skein
