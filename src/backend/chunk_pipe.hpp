// The pipe of one streamed answer, from the thread that reads it to the thread that hands it on.
#pragma once
#include <skein/request.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace skein {

// A bounded queue of pieces between one producer and one consumer, each on a thread of its own. It
// never blocks: a producer that finds it full goes away, and is called when half of it is free. The
// consumer is called when there is something to take; not before the pipe is opened, because until
// then another attempt may be chosen.
//
// Both calls are made under the mutex, so that none is running after `forget_producer` and `close`:
// they must only post to a thread.
class ChunkPipe {
public:
    // `most`: bytes that may wait. One more arrival always fits, however large.
    explicit ChunkPipe(std::size_t most) : most_{most} {}

    // --- The producer ---

    // Called from any thread, once for each `must_wait` that was true, unless forgotten before.
    void on_room(std::function<void()> resume) {
        const std::lock_guard lock{mutex_};
        resume_ = std::move(resume);
    }
    void forget_producer() { on_room(nullptr); }

    // Is it full? Then the producer is called when there is room.
    bool must_wait() {
        const std::lock_guard lock{mutex_};
        is_awaited_ = held_ > most_;
        return is_awaited_;
    }

    // Empties `chunks`. True at the first piece of all.
    bool put(std::vector<Chunk>& chunks) {
        if (chunks.empty()) return false;
        const std::lock_guard lock{mutex_};
        for (auto& chunk : chunks) {
            if (is_closed_) break;
            held_ += bytes_of(chunk);
            waiting_.push_back(std::move(chunk));
        }
        chunks.clear();
        tell_consumer();
        return !std::exchange(has_begun_, true);
    }

    bool has_begun() const {
        const std::lock_guard lock{mutex_};
        return has_begun_;
    }

    // --- The consumer ---

    // `ready` is called from any thread when there is something to take, and again only after
    // `take` has found nothing.
    void open(std::function<void()> ready) {
        const std::lock_guard lock{mutex_};
        ready_ = std::move(ready);
        tell_consumer();
    }

    std::optional<Chunk> take() {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) {
            is_told_ = false;
            return std::nullopt;
        }
        std::optional<Chunk> chunk{std::move(waiting_.front())};
        held_ -= bytes_of(*chunk);
        waiting_.pop_front();
        tell_producer();
        return chunk;
    }

    // Nobody reads any more: what waits and what comes is dropped, and nobody has to wait.
    void close() {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
        waiting_.clear();
        held_ = 0;
        tell_producer();
    }

    // Bytes that wait now.
    std::size_t bytes() const {
        const std::lock_guard lock{mutex_};
        return held_;
    }

private:
    static std::size_t bytes_of(const Chunk& chunk) {
        auto bytes = sizeof chunk + chunk.text.size() + chunk.reasoning.size();
        for (const auto& piece : chunk.calls) {
            bytes += sizeof piece + piece.id.size() + piece.name.size() + piece.arguments.size();
        }
        return bytes;
    }
    void tell_consumer() {
        if (!ready_ || waiting_.empty() || std::exchange(is_told_, true)) return;
        ready_();
    }
    void tell_producer() {
        if (held_ > most_ / 2 || !std::exchange(is_awaited_, false)) return;
        if (resume_) resume_();
    }

    const std::size_t most_;
    mutable std::mutex mutex_{};
    std::deque<Chunk> waiting_{};
    std::size_t held_ = 0;
    bool has_begun_ = false;
    bool is_told_ = false;     // The consumer has been called, and has not found it empty since.
    bool is_awaited_ = false;  // The producer has found it full.
    bool is_closed_ = false;
    std::function<void()> ready_{};
    std::function<void()> resume_{};
};

}  // namespace skein
