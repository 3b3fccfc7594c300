// A request whose answer is handed on piece by piece.
#include "client/core.hpp"
#include "dialect/request/request_writer.hpp"

#include <memory>
#include <utility>

namespace skein {

std::optional<Sequence> Core::stream(const Request& request, OnChunk on_chunk, OnReply on_reply) {
    auto chunks = std::make_shared<ChunkSink>();
    chunks->on_chunk = std::move(on_chunk);
    chunks->ready = delivery_.reader_of(chunks);
    return stream(request, std::move(chunks), std::move(on_reply));
}

std::optional<Sequence> Core::stream(
    const Request& request, std::shared_ptr<ChunkSink> chunks, OnReply on_reply
) {
    ReplySink sink{
        .counted = Counted{outstanding_}, .on_reply = std::move(on_reply), .tag = request.tag};
    chunks->tag = request.tag;
    chunks->most = settings_.chunk_buffer;
    sink.chunks = std::move(chunks);
    auto prepared = prepare(request, usual_model_, response_format_, true);
    if (prepared) prepared->wants_chunks = true;
    return submit(std::move(prepared), std::move(sink));
}

}  // namespace skein
