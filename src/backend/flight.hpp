#pragma once
#include "dialect/answer_reader.hpp"
#include "local/lifecycle/endpoint_activity.hpp"
#include "model/attempt.hpp"
#include "wire/exchange.hpp"

#include <skein/settings.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace skein {

// One attempt under way: what is asked of the wire, and the reader of what comes back.
class Flight {
public:
    // An endpoint with the key that this attempt is made with.
    struct Keyed {
        std::shared_ptr<const Endpoint> endpoint;
        std::uint64_t generation = 0;  // Of a key that can change.
    };

    // All must outlive it. `pulse`: of the worker it is for, if it is for one.
    Flight(
        Attempt attempt,
        Keyed keyed,
        const Settings& settings,
        worker::EndpointActivity* activity = nullptr
    );

    // What the wire is to do. It refers to this, which must stay until the exchange has ended.
    wire::Exchange exchange(wire::TargetPtr target, std::function<void(wire::Ending)> on_end);

    // What it came to.
    AttemptResult result(wire::Ending ending);

    // The answer, if it has said everything though its connection has not ended yet.
    std::optional<AttemptResult> early_result();

    EndpointIndex endpoint() const { return attempt_.endpoint; }
    std::uint64_t key_generation() const { return keyed_.generation; }

    wire::TransferId transfer{};

private:
    wire::ExchangeTimeouts patience() const;
    TimePoint content_deadline() const;

    void say_where(Fault& fault) const;

    Attempt attempt_;
    const Keyed keyed_;
    const Settings& settings_;
    AnswerReader reader_;
    worker::EndpointActivity* const activity_;
    TimePoint started_ = never;
    wire::TargetPtr target_;
};

}  // namespace skein
