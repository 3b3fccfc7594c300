#pragma once
#include "base/box.hpp"
#include "client/inbox.hpp"
#include "client/outstanding.hpp"

#include <skein/log.hpp>
#include <skein/request.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace skein {

using OnReply = std::function<void(Reply)>;

// Who waits for a reply: somebody's code, or an inbox. Counted as long.
struct Waiter {
    OnReply on_reply{};
    std::shared_ptr<Inbox> inbox{};
    std::uint64_t number = 0;  // For the inbox.
    Counted counted{};
};

// A reply and who waits for it.
struct Handover {
    Waiter waiter{};
    Box<Reply> reply;
};

// What a file job wants of the thread below, beyond being told of its replies.
struct Batches {
    // Called when all that had come in has been handed over,
    std::function<void()> after{};
    Duration heartbeat{};  // and at least this often. Zero: only then.
    Duration linger{};     // How long the first of a batch waits for company.
};

// The thread on which callers hear of their replies, one call after the other.
class Delivery {
public:
    explicit Delivery(LogFunction log, Batches batches = {});

    // As `close`.
    ~Delivery();

    // Any thread. Does not wait. After `close` the call is dropped.
    void hand_over(std::vector<Handover> replies);
    void post(std::function<void()> call);

    // Nothing is called any more. Waits for the call that is running, unless it is made by it.
    void close();

    bool is_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

private:
    struct State;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

// The reply to those who still wait when there is nobody left to answer.
Fault client_went_away();

// Calls `f` exactly once: with the reply, or, should it be dropped before, with `cancelled`.
OnReply once(OnReply f);

}  // namespace skein
