// Attempts of one wire thread that wait for a new API key.
#pragma once
#include "backend/flight.hpp"
#include "backend/key_keeper.hpp"
#include "model/attempt.hpp"

#include <functional>
#include <map>
#include <optional>

namespace skein {

// Every attempt passes here before and after the wire. It starts with the present key. While a key
// is being fetched, attempts wait here: new ones, and ones that were refused with the old key. They
// keep their in-flight places, so that no further requests are refused meanwhile. A refused attempt
// then ends as `key_renewed`, and the dispatcher retries its request, because an attempt is one
// request on the wire, never two. Loop thread only.
class KeyWaits {
public:
    struct Hooks {
        std::function<void(Attempt, Flight::Keyed)> launch;
        std::function<void(AttemptId, EndpointIndex, AttemptResult)> tell;
    };

    KeyWaits(std::shared_ptr<KeyKeeper> keys, Hooks hooks);

    void begin(Attempt attempt);
    void ended(AttemptId id, const Flight& flight, AttemptResult result);

    // Ends the attempt if it waits here; else false.
    bool stop(AttemptId id);

    // A fetch has ended: every attempt that waits for this endpoint's key is decided again.
    void fetched(EndpointIndex endpoint);

private:
    struct Waiting {
        Attempt attempt{};  // After a refusal only its id and endpoint are set.
        std::optional<AttemptResult> refusal{};
        std::uint64_t generation = 0;  // Generation of the refused key.
    };

    void decide(Waiting waiting);
    void begin_with(const KeyKeeper::Key& key, Waiting waiting);
    void end_with(const KeyKeeper::Key& key, Waiting waiting);
    void accepted(EndpointIndex endpoint, std::uint64_t generation);

    const std::shared_ptr<KeyKeeper> keys_;
    const Hooks hooks_;
    std::map<AttemptId, Waiting> waiting_;
    std::map<EndpointIndex, std::uint64_t> accepted_;  // Newest accepted generation.
};

}  // namespace skein
