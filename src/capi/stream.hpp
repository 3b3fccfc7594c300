// Back-pressure of one streamed answer: what the program has not freed yet holds it up.
#pragma once
#include "capi/event.hpp"
#include "capi/queue.hpp"
#include "client/core.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <sys/types.h>
#include <utility>

namespace skein::capi {

// The way to the delivery thread of a client, for events that may outlive it. Thread-safe.
class Hands {
public:
    explicit Hands(pid_t process) : process_{process} {}

    void reach(Core* core) {
        const std::lock_guard lock{mutex_};
        core_ = core;
    }
    // The call is dropped once the client is gone.
    void post(std::function<void()> call) {
        const std::lock_guard lock{mutex_};
        if (core_) core_->post(std::move(call));
    }
    bool are_ours() const;  // False in a child of the process, where no lock may be taken.

private:
    const pid_t process_;
    std::mutex mutex_{};
    Core* core_ = nullptr;
};

// Takes the pieces of one answer out of its pipe, on the delivery thread, as long as the events
// that the program has not freed hold at most `most` bytes. Beyond that the pipe fills, and its
// transfer is paused (engine/chunk_sink.hpp). Pieces that wait when the answer ends come all the
// same.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    Stream(std::shared_ptr<Queue> queue, std::shared_ptr<Hands> hands, std::size_t most)
        : queue_{std::move(queue)}, hands_{std::move(hands)}, most_{most} {}

    // The reader for `Core::stream`. Call it once.
    std::shared_ptr<ChunkSink> sink();

    void give_back(std::size_t bytes);  // Any thread: an event was freed.

private:
    std::function<void()> pump();
    void take_some();
    bool must_wait();
    void hand_on(Chunk chunk);

    const std::shared_ptr<Queue> queue_;
    const std::shared_ptr<Hands> hands_;
    const std::size_t most_;
    std::weak_ptr<ChunkSink> sink_{};  // Set once, before the first piece.
    std::mutex mutex_{};
    std::size_t held_ = 0;
    bool is_paused_ = false;  // `give_back` has to go on.
};

}  // namespace skein::capi
