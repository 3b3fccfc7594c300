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
using Item = std::variant<Call, Handover>;

void run(Call& call) { call(); }
void run(Handover& handover) { handover.waiter.on_reply(std::move(*handover.reply)); }

}  // namespace

struct Delivery::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Item> inbox;
    bool closed = false;
    LogFunction log;
    Batches batches;

    // `add(inbox)` adds at least one.
    template <class Add>
    void put(Add add) {
        {
            const std::lock_guard lock{mutex};
            if (closed) return;
            const bool first = inbox.empty();
            add(inbox);
            if (!first) return;  // Somebody has already knocked.
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
        if (batches.heartbeat > Duration::zero()) {
            changed.wait_for(lock, batches.heartbeat, something);
        } else {
            changed.wait(lock, something);
        }
        if (batches.linger > Duration::zero() && !inbox.empty()) {
            changed.wait_for(lock, batches.linger, [this] { return closed; });
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
                guarded([&] { std::visit([](auto& it) { skein::run(it); }, item); });
                item = Call{};  // What it holds ends before the next begins.
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

void Delivery::hand_over(std::vector<Handover> replies) {
    if (replies.empty()) return;
    state_->put([&](auto& inbox) {
        for (auto& reply : replies) inbox.emplace_back(std::move(reply));
    });
}

void Delivery::post(std::function<void()> call) {
    state_->put([&](auto& inbox) { inbox.emplace_back(std::move(call)); });
}

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
        call(Reply{.outcome = client_went_away()});
    }
    OnReply call;
};

}  // namespace

Fault client_went_away() {
    return {.kind = FaultKind::cancelled, .detail = "the client went away"};
}

OnReply once(OnReply f) {
    return [held = std::make_shared<Once>(std::move(f))](Reply reply) {
        if (auto call = std::exchange(held->call, nullptr)) call(std::move(reply));
    };
}

}  // namespace skein
