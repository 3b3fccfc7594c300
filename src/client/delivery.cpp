#include "client/delivery.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace skein {
namespace {

// Of the two, one is set.
struct Item {
    OnReply on_reply;
    Reply reply{};
    std::function<void()> call{};

    void run() {
        if (call) return call();
        on_reply(std::move(reply));
    }
};

}  // namespace

struct Delivery::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Item> inbox;
    bool closed = false;
    LogFunction log;
    std::function<void()> after_batch;
    Duration heartbeat{};

    void put(Item item) {
        {
            const std::lock_guard lock{mutex};
            if (closed) return;
            inbox.push_back(std::move(item));
            if (inbox.size() > 1) return;  // Somebody has already knocked.
        }
        changed.notify_one();
    }

    bool is_closed() {
        const std::lock_guard lock{mutex};
        return closed;
    }

    // False at the end.
    bool take(std::vector<Item>& batch) {
        std::unique_lock lock{mutex};
        const auto something = [this] { return closed || !inbox.empty(); };
        if (heartbeat > Duration::zero()) {
            changed.wait_for(lock, heartbeat, something);
        } else {
            changed.wait(lock, something);
        }
        if (closed) return false;
        batch.swap(inbox);
        return true;
    }

    // An exception out of a caller's code fails nothing but itself.
    void guarded(const std::function<void()>& call) {
        try {
            call();
        } catch (const std::exception& error) {
            complain(error.what());
        } catch (...) {
            complain("something that is not a std::exception");
        }
    }

    void complain(const std::string& what) {
        if (log) log(LogLevel::error, "a callback threw: " + what);
    }

    void run() {
        std::vector<Item> batch;
        while (take(batch)) {
            for (auto& item : batch) {
                if (is_closed()) break;
                guarded([&] { item.run(); });
                item = Item{};  // What it holds ends before the next begins.
            }
            batch.clear();
            if (after_batch && !is_closed()) guarded(after_batch);
        }
    }
};

Delivery::Delivery(LogFunction log, std::function<void()> after_batch, Duration heartbeat)
    : state_{std::make_shared<State>()} {
    state_->log = std::move(log);
    state_->after_batch = std::move(after_batch);
    state_->heartbeat = heartbeat;
    thread_ = std::thread{[state = state_] { state->run(); }};
}

Delivery::~Delivery() { close(); }

void Delivery::hand_over(OnReply on_reply, Reply reply) {
    state_->put(Item{std::move(on_reply), std::move(reply)});
}

void Delivery::post(std::function<void()> call) { state_->put(Item{{}, {}, std::move(call)}); }

void Delivery::close() {
    std::vector<Item> dropped;  // Ends outside the lock: its callbacks may come back here.
    {
        const std::lock_guard lock{state_->mutex};
        state_->closed = true;
        dropped.swap(state_->inbox);
    }
    state_->changed.notify_all();
    if (!thread_.joinable()) return;
    if (is_this_thread()) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

namespace {

struct Once {
    explicit Once(OnReply f) : call{std::move(f)} {}
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;
    ~Once() {
        if (!call) return;
        Fault fault{.kind = FaultKind::cancelled, .detail = "the client went away"};
        call(Reply{.outcome = std::move(fault)});
    }
    OnReply call;
};

}  // namespace

OnReply once(OnReply f) {
    return [held = std::make_shared<Once>(std::move(f))](Reply reply) {
        if (auto call = std::exchange(held->call, nullptr)) call(std::move(reply));
    };
}

}  // namespace skein
