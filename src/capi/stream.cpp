#include "capi/stream.hpp"

#include "capi/guarded.hpp"
#include "capi/reply_json.hpp"

#include <unistd.h>

namespace skein::capi {
namespace {

// Readers take turns, as those of `Client::stream` do.
constexpr int pieces_a_turn = 16;

std::size_t bytes_of(const Chunk& chunk) {
    auto bytes = sizeof(skein_event) + chunk.text.size() + chunk.reasoning.size();
    for (const auto& piece : chunk.calls) {
        bytes += sizeof piece + piece.id.size() + piece.name.size() + piece.arguments.size();
    }
    return bytes;
}

}  // namespace

bool Hands::are_ours() const { return getpid() == process_; }

std::shared_ptr<ChunkSink> Stream::sink() {
    auto sink = std::make_shared<ChunkSink>();
    sink->on_chunk = [self = shared_from_this()](Chunk chunk) { self->hand_on(std::move(chunk)); };
    sink->ready = [hands = hands_, pump = pump()] { hands->post(pump); };
    sink_ = sink;
    return sink;
}

// Weak, because the sink holds it.
std::function<void()> Stream::pump() {
    return [stream = weak_from_this()] {
        if (const auto self = stream.lock()) self->take_some();
    };
}

void Stream::take_some() {
    const auto sink = sink_.lock();
    if (!sink) return;  // The reply has come.
    for (int i = 0; i < pieces_a_turn; ++i) {
        if (must_wait()) return;
        auto chunk = sink->take();
        if (!chunk) return;  // `ready` says when there is more.
        hand_on(*std::move(chunk));
    }
    hands_->post(pump());
}

bool Stream::must_wait() {
    const std::lock_guard lock{mutex_};
    is_paused_ = held_ > most_;
    return is_paused_;
}

void Stream::hand_on(Chunk chunk) {
    auto event = std::make_unique<skein_event>();
    event->tag = chunk.tag;
    event->bytes = bytes_of(chunk);
    event->stream = shared_from_this();
    if (!chunk.calls.empty()) event->json = calls_json(chunk);
    event->what = std::move(chunk);
    {
        const std::lock_guard lock{mutex_};
        held_ += event->bytes;
    }
    queue_->put(std::move(event));
}

void Stream::give_back(std::size_t bytes) {
    if (!hands_->are_ours()) return;
    {
        const std::lock_guard lock{mutex_};
        held_ -= bytes;
        if (!is_paused_ || held_ > most_ / 2) return;
        is_paused_ = false;
    }
    guarded([this] { hands_->post(pump()); });
}

}  // namespace skein::capi

skein_event::~skein_event() {
    if (stream) stream->give_back(bytes);
}
