#pragma once
#include <skein/log.hpp>
#include <skein/request.hpp>

#include <functional>
#include <memory>
#include <thread>

namespace skein {

using OnReply = std::function<void(Reply)>;

// The thread on which callers hear of their replies, one call after the other.
class Delivery {
public:
    // `after_batch` is called there when all that had come in has been handed over, and at least
    // every `heartbeat` if that is above zero.
    explicit Delivery(
        LogFunction log, std::function<void()> after_batch = {}, Duration heartbeat = {}
    );

    // As `close`.
    ~Delivery();

    // Any thread. Does not wait. After `close` the call is dropped.
    void hand_over(OnReply on_reply, Reply reply);
    void post(std::function<void()> call);

    // Nothing is called any more. Waits for the call that is running, unless it is made by it.
    void close();

    bool is_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

private:
    struct State;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

// Calls `f` exactly once: with the reply, or, should it be dropped before, with `cancelled`.
OnReply once(OnReply f);

}  // namespace skein
