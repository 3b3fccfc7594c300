// Translates the events of a stream by a map. Invariant: the choice gets its `finish_reason` only
// where the map sees a reason, or the sign that the stream is done, so that a stream that was cut
// off is never a whole answer.
#include "dialect/raw/stream_translator.hpp"

#include "base/ascii.hpp"
#include "dialect/answer/ends.hpp"
#include "dialect/http/error_body.hpp"
#include "json/text.hpp"

namespace skein::mapped {
namespace {

using json::Element;
using Chunks = std::vector<std::string>;

bool says_anything(const Found& found) {
    return found.text || found.reasoning || !found.finish.empty() || found.has_usage();
}

// An event called `error` is one, whatever it holds.
std::string error_with(std::string_view words) {
    std::string error = R"({"error":{"message":)";
    json::append_string(error, words);
    return error += "}}";
}

void append_delta(std::string& out, std::string_view name, std::string_view text) {
    if (out.back() != '{') out += ',';
    out.append(1, '"').append(name).append("\":");
    json::append_string(out, text);
}

}  // namespace

// Data that is not JSON is left to the common reader, which refuses it; in events with a name of
// their own it means nothing.
void MappedStream::read(const Event& event, Chunks& chunks) {
    const auto data = trimmed(event.data);
    const auto& done = map_->stream->done;
    const bool is_end = (!done.event.empty() && event.type == done.event) ||
                        (!done.data.empty() && data == trimmed(done.data));
    std::string storage;
    Element root;
    const bool is_json =
        !data.empty() && !json::parse(json::mended(data, storage)).get(root) && root.is_object();
    if (is_json) {
        read_object(root, event, chunks);
    } else if (event.type == "error" && !is_end) {
        chunks.push_back(error_with(data));
    } else if (event.type == "message" && !is_end && !data.empty()) {
        chunks.emplace_back(data);
    }
    if (is_end || (is_json && done.holds_for(root))) end(chunks);
}

void MappedStream::read_object(Element root, const Event& event, Chunks& chunks) {
    if (auto error = error_of(root, *map_)) return chunks.push_back(std::move(*error));
    auto found = find_all(root, map_->stream->places, *map_);
    if (map_->stream->skip.holds_for(root)) found.text.reset();
    // Shapes that only errors have: always, if the map has no place for errors.
    const bool may_be_error = !map_->error || !says_anything(found);
    if (may_be_error && (event.type == "error" || error_in(root))) {
        return chunks.push_back(error_in(root) ? json::one_line(root) : error_with(event.data));
    }
    if (says_anything(found)) chunks.push_back(chunk_of(found));
}

std::string MappedStream::chunk_of(const Found& found) {
    std::string out = "{";
    append_names(out, found);
    out += R"("choices":[{"index":0,"delta":{)";
    has_text_ = has_text_ || found.text;
    if (found.text) append_delta(out, "content", *found.text);
    if (found.reasoning) append_delta(out, "reasoning_content", *found.reasoning);
    // A whole answer says something, if only nothing.
    if (!found.finish.empty() && !has_text_) append_delta(out, "content", "");
    out += "},";
    has_reason_ = has_reason_ || !found.finish.empty();
    append_reason(out, found.finish, *map_);
    out += "}]";
    if (found.input_tokens) counts_.input_tokens = found.input_tokens;
    if (found.output_tokens) counts_.output_tokens = found.output_tokens;
    if (found.cached_tokens) counts_.cached_tokens = found.cached_tokens;
    if (found.reasoning_tokens) counts_.reasoning_tokens = found.reasoning_tokens;
    if (found.has_usage()) append_usage(out, counts_);
    return out += '}';
}

// The end without a reason is a stop, if there was any text: an end alone is no answer.
void MappedStream::end(Chunks& chunks) {
    if (!has_reason_ && has_text_) {
        std::string last = R"({"choices":[{"index":0,"delta":{},)";
        append_reason(last, "stop", *map_);
        chunks.push_back(last += "}]}");
    }
    has_reason_ = true;
    chunks.emplace_back("[DONE]");
}

}  // namespace skein::mapped
