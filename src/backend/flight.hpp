#pragma once
#include "backend/chunk_pipe.hpp"
#include "dialect/answer_reader.hpp"
#include "dialect/expectation.hpp"
#include "local/lifecycle/endpoint_activity.hpp"
#include "model/attempt.hpp"
#include "wire/exchange.hpp"

#include <skein/settings.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// One attempt in flight: the HTTP exchange for it, and the reader of its answer. Loop thread only.
class Flight {
public:
    // An endpoint with the API key of this attempt.
    struct Keyed {
        std::shared_ptr<const Endpoint> endpoint;
        std::uint64_t generation = 0;  // Generation of a renewable key.
    };

    // `settings`, `activity` and `expectation` must outlive the flight. `activity`: counters of the
    // worker that the attempt goes to; null for a remote endpoint. `expectation`: what the answer
    // must satisfy; null: nothing.
    Flight(
        Attempt attempt,
        Keyed keyed,
        const Settings& settings,
        local::EndpointActivity* activity = nullptr,
        const Expectation* expectation = nullptr
    );
    ~Flight();
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

    // The exchange for the wire. Its callbacks and its body point to this flight, which must stay
    // at its address until the exchange has ended.
    wire::Exchange exchange(wire::TargetPtr target, std::function<void(wire::Ending)> on_end);

    // The result of the attempt, once the exchange has ended.
    AttemptResult result(wire::Ending ending);

    // The answer, if it is complete although the exchange has not ended yet.
    std::optional<AttemptResult> early_result();

    EndpointIndex endpoint() const { return attempt_.endpoint; }
    std::uint64_t key_generation() const { return keyed_.generation; }

    // Calls when the first piece of the answer is in the attempt's pipe; only if it has one.
    std::function<void()> on_first_chunk{};
    wire::TransferId transfer{};

    bool has_pipe() const { return attempt_.chunks != nullptr; }
    // Called, from any thread, when a paused transfer may go on; not after the flight has gone.
    void on_room(std::function<void()> resume) { attempt_.chunks->on_room(std::move(resume)); }

private:
    ReadState read(std::string_view bytes, TimePoint now);
    void hand_on(std::vector<Chunk> chunks);
    wire::ExchangeTimeouts patience() const;
    TimePoint content_deadline() const;

    void say_where(Fault& fault) const;

    Attempt attempt_;
    const Keyed keyed_;
    const Settings& settings_;
    AnswerReader reader_;
    local::EndpointActivity* const activity_;
    const Expectation* const expectation_;
    TimePoint started_ = never;
    bool is_held_ = false;                  // The last bytes were refused.
    TimePoint went_on_ = TimePoint::min();  // The end of the last pause.
    wire::TargetPtr target_;
};

}  // namespace skein
