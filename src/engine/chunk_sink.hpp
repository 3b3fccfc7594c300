// The reader of one streamed answer. It travels with its request, inside the ReplySink.
#pragma once
#include "backend/chunk_pipe.hpp"
#include "model/attempt.hpp"

#include <skein/request.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace skein {

using OnChunk = std::function<void(Chunk)>;

// Every attempt of the request gets a pipe of its own; the dispatcher chooses the one that is
// handed on. The reader takes the pieces on a thread of its own choice: `ready` is called, from any
// thread, when pieces wait, and again only after `take` has found none. It must only post.
struct ChunkSink {
    OnChunk on_chunk{};
    RequestId id{};
    std::uint64_t tag = 0;
    std::size_t most = 0;  // Bytes that may wait.
    std::function<void()> ready{};

    // Control thread.
    std::shared_ptr<ChunkPipe> pipe_for(AttemptId attempt) {
        // Attempts that have ended without a piece hold their pipes no more.
        std::erase_if(candidates_, [](const auto& it) { return it.second.use_count() == 1; });
        return candidates_.emplace_back(attempt, std::make_shared<ChunkPipe>(most)).second;
    }
    void hand_on(AttemptId attempt) {
        const auto at = std::ranges::find(candidates_, attempt, &Candidate::first);
        if (at == candidates_.end()) return;
        pipe_ = std::move(at->second);
        candidates_.clear();
        pipe_->open(ready);
    }

    // The reader's thread, after `ready` or with the reply.
    std::optional<Chunk> take() {
        auto chunk = pipe_ ? pipe_->take() : std::nullopt;
        if (chunk) {
            chunk->id = id;
            chunk->tag = tag;
        }
        return chunk;
    }

    // Control thread, and the reader's: no further piece is wanted.
    void close() {
        if (pipe_) pipe_->close();
    }

private:
    using Candidate = std::pair<AttemptId, std::shared_ptr<ChunkPipe>>;
    std::vector<Candidate> candidates_{};
    std::shared_ptr<ChunkPipe> pipe_{};  // The chosen one. Set once, before the first `ready`.
};

}  // namespace skein
