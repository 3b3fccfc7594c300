// The delivery thread: an unbounded queue of replies and calls, run one after the other in batches.
// The pieces of a streamed answer wait in its pipe, which is bounded; only a note that some wait
// stands in the queue. A few are handed on at a time, so that one reader holds up no other for
// long.
//
// Invariant: a callback runs on this thread only, never under the mutex, and never after `close`.
// The state is shared with the thread, so that `close` may detach it when a callback closes its own
// client.
#include "client/delivery.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace skein {
namespace {

using Call = std::function<void()>;
using Chunks = std::shared_ptr<ChunkSink>;
using Item = std::variant<Call, DeliveredReply, Chunks>;

constexpr int pieces_a_turn = 16;

}  // namespace

struct Delivery::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Item> inbox;
    bool closed = false;
    LogFunction log;
    Batches batches;
    ChunkSink* reading = nullptr;  // Of the running callback for a piece. This thread only.

    // Calls `add(inbox)`, which adds at least one item, and wakes the thread.
    template <class Add>
    void put(Add add) {
        {
            const std::lock_guard lock{mutex};
            // The caller still owns the items then, and destroys them outside the lock.
            if (closed) return;
            const bool first = inbox.empty();
            add(inbox);
            if (!first) return;  // The thread has been notified already.
        }
        changed.notify_one();
    }

    bool is_closed() {
        const std::lock_guard lock{mutex};
        return closed;
    }

    // Waits for the next batch: at most for the heartbeat, and then for the linger time, in which
    // further replies may join. False after `close`.
    bool take(std::vector<Item>& batch) {
        std::unique_lock lock{mutex};
        const auto something = [this] { return closed || !inbox.empty(); };
        if (batches.heartbeat > Duration::zero()) {
            changed.wait_for(lock, batches.heartbeat, something);
        } else {
            changed.wait(lock, something);
        }
        if (batches.linger > Duration::zero() && !inbox.empty()) {
            // Replies that come meanwhile do not end this wait, because it is made for them.
            changed.wait_for(lock, batches.linger, [this] { return closed; });
        }
        if (closed) return false;
        batch.swap(inbox);
        return true;
    }

    // An exception of a callback is logged and affects no other callback.
    void guarded(const std::function<void()>& call) {
        try {
            call();
        } catch (const std::exception& error) {
            complain(error.what());
        } catch (...) {
            complain("something that is not a std::exception");
        }
    }

    void run(Call& call) { guarded(call); }

    // All pieces come before the reply: the attempt has ended, so what waits is the rest.
    void run(DeliveredReply& it) {
        if (it.sink.chunks) {
            while (read_one(*it.sink.chunks)) {
            }
        }
        if (is_closed()) return;
        guarded([&] { it.sink.on_reply(std::move(*it.reply)); });
    }

    void run(Chunks& chunks) {
        for (int i = 0; i < pieces_a_turn; ++i) {
            if (!read_one(*chunks)) return;
        }
        put([&](auto& all) { all.emplace_back(std::move(chunks)); });
    }

    // False if no piece waits, or none may be handed on any more.
    bool read_one(ChunkSink& chunks) {
        if (is_closed()) return false;
        auto chunk = chunks.take();
        if (!chunk) return false;
        reading = &chunks;
        guarded([&] { chunks.on_chunk(std::move(*chunk)); });
        reading = nullptr;
        return true;
    }

    void complain(const std::string& what) {
        if (log) log(LogLevel::error, "a callback threw: " + what);
    }

    void run() {
        std::vector<Item> batch;
        while (take(batch)) {
            for (auto& item : batch) {
                // Before each item, because a callback may close its own client.
                if (is_closed()) break;
                std::visit([this](auto& it) { run(it); }, item);
                item = Call{};  // Destroys the callback's captures before the next call.
            }
            batch.clear();
            if (batches.after && !is_closed()) guarded(batches.after);
        }
    }
};

Delivery::Delivery(LogFunction log, Batches batches) : state_{std::make_shared<State>()} {
    state_->log = std::move(log);
    state_->batches = std::move(batches);
    thread_ = std::thread{[state = state_] { state->run(); }};
}

Delivery::~Delivery() { close(); }

void Delivery::hand_over(std::vector<DeliveredReply> replies) {
    if (replies.empty()) return;
    state_->put([&](auto& inbox) {
        for (auto& reply : replies) inbox.emplace_back(std::move(reply));
    });
}

void Delivery::post(std::function<void()> call) {
    state_->put([&](auto& inbox) { inbox.emplace_back(std::move(call)); });
}

// Weak, because the sink holds a pipe, which holds this call.
std::function<void()> Delivery::reader_of(const std::shared_ptr<ChunkSink>& chunks) {
    return [state = state_, reader = std::weak_ptr{chunks}] {
        auto it = reader.lock();
        if (it) state->put([&](auto& inbox) { inbox.emplace_back(std::move(it)); });
    };
}

void Delivery::stop_reading(std::optional<RequestId> id) {
    if (!is_this_thread() || !state_->reading) return;
    if (!id || state_->reading->id == *id) state_->reading->close();
}

void Delivery::close() {
    // Destroyed outside the lock, because destructors of callbacks may call back into this object.
    std::vector<Item> dropped;
    {
        const std::lock_guard lock{state_->mutex};
        state_->closed = true;
        dropped.swap(state_->inbox);
    }
    state_->changed.notify_all();
    if (!thread_.joinable()) return;
    if (is_this_thread()) {
        // A thread cannot join itself. It ends after this callback, and the state lives until then.
        thread_.detach();
    } else {
        thread_.join();
    }
}

namespace {

// Calls a callback once; if it was never called, the destructor calls it with `cancelled`.
struct Once {
    explicit Once(OnReply f) : call{std::move(f)} {}
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;
    ~Once() {
        if (!call) return;
        call(Reply{.outcome = client_went_away()});
    }
    OnReply call;
};

}  // namespace

OnReply once(OnReply f) {
    // Shared, because a std::function must be copyable: all copies are one callback.
    return [held = std::make_shared<Once>(std::move(f))](Reply reply) {
        if (auto call = std::exchange(held->call, nullptr)) call(std::move(reply));
    };
}

}  // namespace skein
