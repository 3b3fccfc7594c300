// Translates the events of a message. Invariant: the choice gets its `finish_reason` only at
// `message_stop`, so that a stream that was cut off is never a whole answer. Events and blocks of
// unknown kinds are read over, because new ones may come at any time.
#include "dialect/anthropic/stream_translator.hpp"

#include "dialect/anthropic/stop_words.hpp"
#include "dialect/anthropic/token_counts.hpp"
#include "dialect/http/error_body.hpp"
#include "dialect/seam/common_chunks.hpp"
#include "json/text.hpp"

#include <map>
#include <utility>

namespace skein {
namespace {

using json::Element;
using Chunks = std::vector<std::string>;

// A call whose arguments may still grow.
struct OpenCall {
    std::size_t number = 0;      // Among the calls of the answer.
    std::string given{};         // The arguments that its start held; they count if none follow.
    bool has_arguments = false;  // A piece of them has come.
};

void say(std::string_view member, std::string_view text, Chunks& chunks) {
    if (!text.empty()) chunks.push_back(text_chunk(member, text));
}

void say_arguments(OpenCall& call, std::string_view piece, Chunks& chunks) {
    if (piece.empty()) return;
    std::string arguments = R"("arguments":)";
    json::append_string(arguments, piece);
    chunks.push_back(call_chunk(call.number, {}, arguments));
    call.has_arguments = true;
}

class MessageStream : public StreamTranslator {
public:
    void read(const Event& event, Chunks& chunks) override;

private:
    void read_kind(std::string_view kind, Element root, Chunks& chunks);
    void begin_message(Element root, Chunks& chunks);
    void begin_block_of(Element root, Chunks& chunks);
    void begin_call(std::int64_t index, Element block, Chunks& chunks);
    void read_piece(Element root, Chunks& chunks);
    void say_text(std::string_view text, Chunks& chunks);
    void end_block(std::int64_t index, Chunks& chunks);
    void learn_reason(Element holder);
    void end_message(Chunks& chunks);

    std::map<std::int64_t, OpenCall> open_{};  // By the index of their block.
    std::size_t calls_ = 0;
    bool has_text_ = false;
    std::string stop_reason_{};
    TokenCounts counts_{};
};

// An object that is no event of this API is passed on, because the common reader may know it.
void MessageStream::read(const Event& event, Chunks& chunks) {
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

void MessageStream::read_kind(std::string_view kind, Element root, Chunks& chunks) {
    if (kind == "content_block_delta") {
        read_piece(root, chunks);
    } else if (kind == "content_block_start") {
        begin_block_of(root, chunks);
    } else if (kind == "content_block_stop") {
        end_block(json::whole_member(root, "index").value_or(0), chunks);
    } else if (kind == "message_start") {
        begin_message(root, chunks);
    } else if (kind == "message_delta") {
        if (const auto delta = json::member(root, "delta")) learn_reason(*delta);
        counts_.learn(root);
    } else if (kind == "message_stop") {
        end_message(chunks);
    }
}

void MessageStream::begin_message(Element root, Chunks& chunks) {
    const auto message = json::member(root, "message");
    if (!message) return;
    counts_.learn(*message);
    learn_reason(*message);
    auto chunk = delta_chunk(R"("role":"assistant")");
    chunk.pop_back();
    for (const auto name : {"id", "model"}) {
        const auto text = json::text_member(*message, name);
        if (!text) continue;
        chunk.append(",\"").append(name).append("\":");
        json::append_string(chunk, *text);
    }
    chunks.push_back(chunk += '}');
}

// A block may begin with text that its start holds.
void MessageStream::begin_block_of(Element root, Chunks& chunks) {
    const auto block = json::member(root, "content_block");
    if (!block) return;
    const auto kind = json::text_or_empty(*block, "type");
    if (kind == "text") {
        say_text(json::text_or_empty(*block, "text"), chunks);
    } else if (kind == "thinking") {
        say("reasoning_content", json::text_or_empty(*block, "thinking"), chunks);
    } else if (kind == "tool_use") {
        begin_call(json::whole_member(root, "index").value_or(0), *block, chunks);
    }
}

void MessageStream::begin_call(std::int64_t index, Element block, Chunks& chunks) {
    end_block(index, chunks);  // A call whose end was never said.
    auto& call = open_[index];
    call.number = calls_++;
    const auto input = json::member(block, "input");
    call.given = input ? json::one_line(*input) : "{}";
    std::string first = R"(,"id":)";
    json::append_string(first, json::text_or_empty(block, "id"));
    first += R"(,"type":"function")";
    std::string name = R"("name":)";
    json::append_string(name, json::text_or_empty(block, "name"));
    chunks.push_back(call_chunk(call.number, first, name));
}

void MessageStream::read_piece(Element root, Chunks& chunks) {
    const auto delta = json::member(root, "delta");
    if (!delta) return;
    const auto kind = json::text_or_empty(*delta, "type");
    if (kind == "text_delta") {
        say_text(json::text_or_empty(*delta, "text"), chunks);
    } else if (kind == "thinking_delta") {
        say("reasoning_content", json::text_or_empty(*delta, "thinking"), chunks);
    } else if (kind == "input_json_delta") {
        // Blocks of other kinds may have such pieces as well: they are no calls of ours.
        const auto call = open_.find(json::whole_member(root, "index").value_or(0));
        if (call == open_.end()) return;
        say_arguments(call->second, json::text_or_empty(*delta, "partial_json"), chunks);
    }
}

void MessageStream::say_text(std::string_view text, Chunks& chunks) {
    has_text_ = has_text_ || !text.empty();
    say("content", text, chunks);
}

void MessageStream::end_block(std::int64_t index, Chunks& chunks) {
    const auto call = open_.extract(index);
    if (call.empty()) return;
    auto& open = call.mapped();
    if (!open.has_arguments) say_arguments(open, open.given, chunks);
}

void MessageStream::learn_reason(Element holder) {
    if (const auto reason = json::text_member(holder, "stop_reason")) stop_reason_ = *reason;
}

// Without a reason the answer is not whole: the common reader says so, as no choice has finished.
void MessageStream::end_message(Chunks& chunks) {
    while (!open_.empty()) end_block(open_.begin()->first, chunks);
    if (!stop_reason_.empty()) {
        std::string last = R"({"choices":[{"index":0,"delta":{)";
        if (!has_text_ && calls_ == 0) last += R"("content":"")";
        last += "},";
        append_finish_reason(last, stop_reason_);
        last += "}]";
        counts_.append_usage(last);
        chunks.push_back(last += '}');
    }
    chunks.emplace_back("[DONE]");
}

}  // namespace

std::unique_ptr<StreamTranslator> make_stream_translator() {
    return std::make_unique<MessageStream>();
}

}  // namespace skein
