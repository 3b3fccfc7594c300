// The receiver of one reply. It travels with its request.
#pragma once
#include "engine/chunk_sink.hpp"
#include "engine/inbox.hpp"
#include "engine/outstanding.hpp"
#include "model/attempt.hpp"

#include <skein/request.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace skein {

using OnReply = std::function<void(Reply)>;

// Either a callback or a ticket of an inbox. The engine keeps it, on the control thread, from the
// submission of its request to the reply, so no other registry of requests is needed. Destroyed
// without a reply only where the client goes away; a ticket tells its inbox then.
struct ReplySink {
    Counted counted{};  // First, so that it is destroyed last: `drain` waits for the others' ends.
    OnReply on_reply{};
    Ticket ticket{};
    std::uint64_t tag = 0;                // Of the request; goes into the reply of a callback.
    std::shared_ptr<ChunkSink> chunks{};  // Null unless pieces of the answer are wanted.
};

// A reply on its way to its sink.
struct DeliveredReply {
    Sequence seq = 0;
    Box<Reply> reply;
    ReplySink sink{};
};

}  // namespace skein
