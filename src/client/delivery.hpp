#pragma once
#include "engine/reply_sink.hpp"

#include <skein/log.hpp>
#include <skein/request.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace skein {

// Batching options of a file job.
struct Batches {
    // Called after each batch of replies, and at least once per heartbeat.
    std::function<void()> after{};
    Duration heartbeat{};  // Zero: `after` is called after batches only.
    Duration linger{};     // Time that the first reply of a batch waits for more replies.
};

// The delivery thread: callbacks run on it, one after the other.
class Delivery {
public:
    explicit Delivery(LogFunction log, Batches batches = {});

    // Calls `close`.
    ~Delivery();

    // Any thread; do not wait. After `close` the reply or call is dropped.
    void hand_over(std::vector<DeliveredReply> replies);
    void post(std::function<void()> call);
    // A call that hands on the pieces that wait there. It may be made on any thread and at any
    // time, also when this object is gone: a model that is left behind may still write.
    std::function<void()> reader_of(const std::shared_ptr<ChunkSink>& chunks);

    // Inside a callback for a piece: no further piece of this request comes (none: whichever it
    // is). On other threads nothing happens.
    void stop_reading(std::optional<RequestId> id = {});

    // No callback is called afterwards. Waits for a running callback, unless `close` is called from
    // that callback.
    void close();

    bool is_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

private:
    struct State;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

// Wraps `f` so that it is called exactly once: with the reply, or with `cancelled` if the wrapper
// is destroyed before.
OnReply once(OnReply f);

}  // namespace skein
