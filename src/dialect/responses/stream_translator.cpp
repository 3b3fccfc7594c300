// Translates the events of a Response. Invariant: the answer is read from the last event, which
// holds the whole Response, by the reader of whole answers; the pieces before it are content for
// the times, and what is left of a stream that breaks. Events of unknown kinds are read over,
// because new ones may come at any time.
#include "dialect/responses/stream_translator.hpp"

#include "dialect/http/error_body.hpp"
#include "dialect/responses/answer_translator.hpp"
#include "dialect/responses/gathered.hpp"
#include "dialect/responses/usage.hpp"
#include "dialect/seam/common_chunks.hpp"
#include "json/object_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein::response {
namespace {

using json::Element;
using Chunks = std::vector<std::string>;

// A kind of event that holds a piece of text.
struct PieceKind {
    std::string_view event;
    std::string_view member;  // Of a delta in the common form.
    Gathered Pieces::*kept = nullptr;
};

constexpr std::array piece_kinds{
    PieceKind{"response.output_text.delta", "content", &Pieces::texts},
    PieceKind{"response.refusal.delta", "refusal", &Pieces::refusals},
    PieceKind{"response.reasoning_text.delta", "reasoning_content"},
    PieceKind{"response.reasoning_summary_text.delta", "reasoning_content"},
};

class ResponseStream : public StreamTranslator {
public:
    void read(const Event& event, Chunks& chunks) override;
    std::optional<WholeAnswer> whole() override { return std::move(whole_); }

private:
    void read_kind(std::string_view kind, Element root, Chunks& chunks);
    void read_piece(const PieceKind& kind, Element root, Chunks& chunks);
    void read_arguments(Element root, Chunks& chunks);
    void end(std::string_view event, Element root, Chunks& chunks);

    Pieces pieces_{};
    std::optional<WholeAnswer> whole_{};
};

// What follows the last event does not count. An object that is no event of this API is passed on,
// because the common reader may know it.
void ResponseStream::read(const Event& event, Chunks& chunks) {
    if (whole_) return;
    if (!event.error.empty()) return chunks.push_back(error_chunk(event.error));
    if (event.type == "error") return chunks.push_back(error_chunk(event.data));
    std::string storage;
    Element root;
    const bool is_json = !json::parse(json::mended(event.data, storage)).get(root);
    const auto kind = is_json ? json::text_member(root, "type") : std::nullopt;
    if (!kind || error_in(root)) {
        chunks.emplace_back(event.data);
    } else {
        read_kind(*kind, root, chunks);
    }
}

void begin_response(Element root, Chunks& chunks) {
    const auto response = json::member(root, "response");
    if (!response) return;
    auto chunk = delta_chunk(R"("role":"assistant")");
    chunk.pop_back();
    for (const auto name : {"id", "model"}) {
        if (const auto text = json::text_member(*response, name)) {
            json::add_text(chunk, name, *text);
        }
    }
    chunks.push_back(chunk += '}');
}

// The number of a call is that of its item: the numbers need not be without gaps.
std::size_t number_of(Element root) {
    const auto number = json::whole_member(root, "output_index").value_or(0);
    return static_cast<std::size_t>(std::max<std::int64_t>(number, 0));
}

void begin_item(Element root, Chunks& chunks) {
    const auto item = json::member(root, "item");
    if (!item || json::text_or_empty(*item, "type") != "function_call") return;
    std::string first = R"(,"id":)";
    json::append_string(first, json::text_or_empty(*item, "call_id"));
    first += R"(,"type":"function")";
    std::string name = R"("name":)";
    json::append_string(name, json::text_or_empty(*item, "name"));
    chunks.push_back(call_chunk(number_of(root), first, name));
}

void ResponseStream::read_kind(std::string_view kind, Element root, Chunks& chunks) {
    const auto piece = std::ranges::find(piece_kinds, kind, &PieceKind::event);
    if (piece != piece_kinds.end()) {
        read_piece(*piece, root, chunks);
    } else if (kind == "response.function_call_arguments.delta") {
        read_arguments(root, chunks);
    } else if (kind == "response.output_item.added") {
        begin_item(root, chunks);
    } else if (kind == "response.created") {
        begin_response(root, chunks);
    } else if (kind == "response.completed") {
        end("completed", root, chunks);
    } else if (kind == "response.incomplete") {
        end("incomplete", root, chunks);
    } else if (kind == "response.failed") {
        end("failed", root, chunks);
    }
}

void ResponseStream::read_piece(const PieceKind& kind, Element root, Chunks& chunks) {
    const auto text = json::text_or_empty(root, "delta");
    if (text.empty()) return;
    if (kind.kept) (pieces_.*kind.kept).add(root, text);
    chunks.push_back(text_chunk(kind.member, text));
}

void ResponseStream::read_arguments(Element root, Chunks& chunks) {
    const auto text = json::text_or_empty(root, "delta");
    if (text.empty()) return;
    pieces_.arguments.add(root, text);
    std::string arguments = R"("arguments":)";
    json::append_string(arguments, text);
    chunks.push_back(call_chunk(number_of(root), {}, arguments));
}

// A Response in its last event that says it still goes on, or nothing, is late.
std::string_view status_in(Element response, std::string_view event) {
    const auto status = json::text_or_empty(response, "status");
    const bool is_late = status.empty() || status == "queued" || status == "in_progress";
    return is_late ? event : status;
}

// An event without a Response has no reason, and the stream is incomplete. A filter may take back
// what was said before it spoke up.
void ResponseStream::end(std::string_view event, Element root, Chunks& chunks) {
    const auto response = json::member(root, "response");
    if (!response) return chunks.push_back("[DONE]");
    const auto status = event == "failed" ? event : status_in(*response, event);
    if (auto error = error_of(*response, status)) return chunks.push_back(std::move(*error));
    std::string last = R"({"choices":[{"index":0,"delta":{})";
    add_reason(last, *response, status, false);
    last += "}]";
    add_usage(last, *response);
    chunks.push_back(last += '}');
    chunks.emplace_back("[DONE]");
    const auto output = json::list_member(*response, "output");
    auto answer = common_answer(*response, status);
    const bool is_filtered = native_reason(*response, status) == "content_filter";
    if (!output || !answer) {
        whole_ = {.wrong = "the last event of the stream has no list of `output`"};
    } else if (!is_filtered && !pieces_.are_in(*output)) {
        whole_ = {.wrong = "the last event of the stream lacks what was said before it"};
    } else {
        whole_ = {.body = std::move(*answer)};
    }
}

}  // namespace

std::unique_ptr<StreamTranslator> make_stream_translator() {
    return std::make_unique<ResponseStream>();
}

}  // namespace skein::response
