// The value that the seam asks for. What can be asked is decided where the body is written, so that
// a refusal and a body can never contradict each other. The map is compiled before an answer is
// parsed, or by a parser of its own, so that the tree of the answer stays valid.
#include "dialect/raw/raw.hpp"

#include "dialect/raw/answer_translator.hpp"
#include "dialect/raw/question_writer.hpp"
#include "dialect/raw/stream_translator.hpp"

namespace skein {
namespace {

using namespace mapped;

// The URL is the whole address.
std::string_view no_path(const Endpoint&, const Prepared&, std::string&) { return "/"; }

void sign(HeaderLines& lines, const Endpoint&) { lines.add_key(); }

std::optional<std::string> body(const Endpoint& endpoint, const Prepared& request, AddedMembers) {
    std::string body;
    // A request that was refused is never sent, so its body does not matter.
    write_question(endpoint, request, body);
    return body;
}

std::optional<std::string> refusal(const Endpoint& endpoint, const Prepared& request) {
    std::string body;
    return write_question(endpoint, request, body);
}

std::optional<std::string> answer(json::Element root, const Answered& answered) {
    if (!answered.endpoint) return std::nullopt;
    return common_answer(root, *map_of(answered.endpoint->raw));
}

std::unique_ptr<StreamTranslator> stream(const Answered& answered) {
    auto map = answered.endpoint ? map_of(answered.endpoint->raw) : nullptr;
    if (!map || !map->stream) return nullptr;
    return std::make_unique<MappedStream>(std::move(map));
}

std::optional<std::string> error(json::Element root, const Endpoint& endpoint) {
    return error_of(root, *map_of(endpoint.raw));
}

bool sends_lines(const Endpoint& endpoint) {
    const auto map = map_of(endpoint.raw);
    return map->stream && map->stream->is_lines;
}

std::string missing(const Endpoint& endpoint) {
    std::string what = "the answer has nothing at ";
    const auto map = map_of(endpoint.raw);
    for (const auto& pointer : map->answer.text) {
        if (&pointer != &map->answer.text.front()) what += ", nor at ";
        what += pointer.text();
    }
    return what;
}

}  // namespace

const Dialect raw{
    .api = Api::raw,
    .name = "raw",
    .path = no_path,
    .sign = sign,
    .body = body,
    .refusal = refusal,
    .answer = answer,
    .stream = stream,
    .error = error,
    .sends_lines = sends_lines,
    .missing = missing,
};

}  // namespace skein
