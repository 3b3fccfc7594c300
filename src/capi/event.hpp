// An event of the C ABI: a reply, or a piece of a streamed answer.
#pragma once
#include <skein/request.hpp>
#include <skein/skein.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace skein::capi {
class Stream;
}

// It owns all that its getters show, so it outlives its client.
struct skein_event {
    skein_event() = default;
    skein_event(const skein_event&) = delete;
    skein_event& operator=(const skein_event&) = delete;
    ~skein_event();  // Gives the room of a piece back to its stream.

    const skein::Reply* reply() const { return std::get_if<skein::Reply>(&what); }
    const skein::Chunk* chunk() const { return std::get_if<skein::Chunk>(&what); }

    std::uint64_t tag = 0;
    std::variant<std::monostate, skein::Reply, skein::Chunk> what{};
    std::string json{};  // Of a reply, made when it is asked for; of a piece, its calls.
    std::shared_ptr<skein::capi::Stream> stream{};  // Of a piece.
    std::size_t bytes = 0;                          // That it holds of its stream's room.
    skein_event* next = nullptr;                    // In the queue.
};
