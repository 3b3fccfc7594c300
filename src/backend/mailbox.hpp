#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace skein {

// Queue from many threads to one event loop (multiple producers, one consumer). One post wakes the
// loop for all items that arrive before it looks, because waking a thread costs more than handling
// most items.
template <class T>
class Mailbox {
public:
    // `take` is called on the loop with the oldest items first, at most `handful` a call, so that
    // other work of the loop runs in between.
    using Take = std::function<void(std::span<T>)>;

    Mailbox(boost::asio::io_context& loop, std::size_t handful, Take take)
        : state_{std::make_shared<State>(loop, handful, std::move(take))} {}

    // Any thread.
    void put(T item) {
        add([&](auto& came) { came.push_back(std::move(item)); });
    }

    // Puts all items with one wake-up, and empties the vector. Any thread.
    template <class Item>
    void put_all(std::vector<Item>& items) {
        if (items.empty()) return;
        add([&](auto& came) {
            for (auto& item : items) came.emplace_back(std::move(item));
        });
        items.clear();
    }

    // `take` is not called any more. Call on the loop but not from inside `take`, or while the loop
    // does not run.
    void close() { state_->take = nullptr; }

private:
    struct State {
        State(boost::asio::io_context& l, std::size_t h, Take t)
            : loop{l}, handful{h}, take{std::move(t)} {}

        boost::asio::io_context& loop;
        const std::size_t handful;
        Take take;
        std::vector<T> batch{};  // Items being taken; loop thread only.
        std::size_t taken = 0;   // Items of `batch` taken so far.

        std::mutex mutex{};
        std::vector<T> came{};
        bool awake = false;  // A turn is posted or running.
    };

    template <class Put>
    void add(Put put) {
        {
            const std::lock_guard lock{state_->mutex};
            put(state_->came);
            if (std::exchange(state_->awake, true)) return;
        }
        wake(state_);
    }

    static void wake(std::shared_ptr<State> state) {
        auto& loop = state->loop;
        boost::asio::post(loop, [state = std::move(state)] { turn(state); });
    }

    static void turn(const std::shared_ptr<State>& state) {
        if (!state->take) return;
        if (state->taken == state->batch.size()) {
            state->batch.clear();
            state->taken = 0;
            const std::lock_guard lock{state->mutex};
            state->batch.swap(state->came);
        }
        const auto rest = std::span{state->batch}.subspan(state->taken);
        const auto now = rest.first(std::min(state->handful, rest.size()));
        state->taken += now.size();
        state->take(now);
        if (state->taken == state->batch.size()) {
            const std::lock_guard lock{state->mutex};
            state->awake = !state->came.empty();
            if (!state->awake) return;
        }
        wake(state);
    }

    std::shared_ptr<State> state_;
};

}  // namespace skein
