#pragma once
#include "limit/pause.hpp"
#include "limit/room.hpp"
#include "limit/token_bucket.hpp"
#include "model/attempt.hpp"
#include "model/fault_table.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// What the desk knows of an endpoint: its limits, and nothing of how to reach it.
struct EndpointLimits {
    std::string name;
    Room room;
    TokenBucket requests;
    TokenBucket tokens;
    Pause pause{};
    std::string closed{};  // Why nothing more is sent there; empty while it is open.
    int in_a_row = 0;      // Faults that close it when they come in a row.

    // When may one more attempt of this cost start here? When the last of its limits says so.
    TimePoint ready_at(TimePoint now, double cost) const;
};

// Decides who may go where, now. It knows every limit and waits for none.
//
//     ready = the earliest of the endpoints, each as late as the latest of its limits
//
// The oldest request goes first, retries among them, because the output is in order and everybody
// waits for the oldest. It gets its endpoint at the moment it can leave, not before.
//
// (Tiers, circuit breakers and adaptive rooms, when they come, are one more term in
// `EndpointLimits::ready_at` and one more comparison in `best`.)
class Desk {
public:
    // Leave to make one attempt. Settled exactly once.
    struct Grant {
        Sequence seq;
        EndpointIndex endpoint;
        double tokens;
    };

    // What an attempt taught of the endpoint that served it.
    struct Lesson {
        std::optional<double> used{};     // Tokens it did cost, where the server said so.
        std::optional<Duration> pause{};  // Asked for by the endpoint.
        Effect effect = Effect::none;
        std::string why{};  // If the effect is to close it.
    };

    // `longest_park`: an endpoint that asks for a longer pause is no longer usable.
    Desk(std::vector<EndpointLimits> endpoints, std::size_t in_flight, Duration longest_park);

    void line_up(Sequence seq, double tokens);

    // Leaves the line. False if a grant came first.
    bool step_out(Sequence seq) { return line_.erase(seq) == 1; }

    // The next who may leave, now, if anybody may.
    std::optional<Grant> next(TimePoint now);

    // When `next` may have an answer, if nothing else happens.
    TimePoint ready_at(TimePoint now) const;

    // True if this closed the endpoint.
    bool settle(const Grant& grant, const Lesson& lesson, TimePoint now);

    // Why no endpoint can serve any more; nothing while one can.
    std::optional<std::string> unusable(TimePoint now) const;

    const std::string& name(EndpointIndex endpoint) const { return endpoints_[endpoint].name; }
    std::size_t in_flight() const { return in_flight_.taken(); }
    std::size_t in_line() const { return line_.size(); }
    std::optional<Sequence> oldest_in_line() const;

private:
    bool teach(EndpointLimits& endpoint, const Lesson& lesson, TimePoint now);
    bool is_usable(const EndpointLimits& endpoint, TimePoint now) const;

    std::vector<EndpointLimits> endpoints_;
    Room in_flight_;
    Duration longest_park_;
    std::map<Sequence, double> line_;  // And what each will cost, in tokens.
};

}  // namespace skein
