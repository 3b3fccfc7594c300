#include "dialect/anthropic/anthropic.hpp"

#include "dialect/anthropic/answer_translator.hpp"
#include "dialect/anthropic/native_message.hpp"
#include "dialect/anthropic/question_writer.hpp"
#include "dialect/anthropic/refusals.hpp"
#include "dialect/anthropic/stream_translator.hpp"
#include "dialect/request/body.hpp"
#include "dialect/request/question.hpp"

namespace skein {
namespace {

// All servers of this API know it, and it allows more than the later ones.
constexpr std::string_view usual_version = "2023-06-01";

std::string_view messages_path(const Endpoint&, const Prepared&, std::string&) {
    return "/v1/messages";
}

void add_key_and_version(HeaderLines& lines, const Endpoint& endpoint) {
    lines.add_key("x-api-key");
    const auto& version = endpoint.api_version;
    lines.add("anthropic-version", version.empty() ? usual_version : version);
}

std::optional<std::string> refused(const Endpoint& endpoint, const Prepared& request) {
    if (request.native) {
        if (request.max_answered > 0 || endpoint.max_tokens > 0) return std::nullopt;
        return "anthropic needs max_tokens: set it in the row, or max_tokens of the endpoint";
    }
    if (request.operation != Operation::chat) return "anthropic can only be asked for chats";
    const auto question = take_apart(request.body, endpoint.drop);
    return question ? refusal_of(endpoint, *question) : question.error();
}

std::optional<std::string> messages_body(
    const Endpoint& endpoint, const Prepared& request, AddedMembers without
) {
    if (request.native) return common_body(endpoint, request, without);
    const auto question = take_apart(request.body, endpoint.drop);
    // What cannot be taken apart has been refused and is never sent.
    return question ? written_question(endpoint, request, *question) : "{}";
}

// By the maker's documents.
constexpr std::size_t max_request = 32 * 1024 * 1024;

}  // namespace

const Dialect anthropic{
    .api = Api::anthropic,
    .name = "anthropic",
    .limits_count_cached = false,
    .path = messages_path,
    .sign = add_key_and_version,
    .body = messages_body,
    .refusal = refused,
    .max_request = max_request,
    .streams_unasked = must_stream,
    .answer = [](json::Element root, const Answered&) { return common_answer(root); },
    .stream = [](const Answered&) { return make_stream_translator(); },
    .native_stream = make_native_message,
};

}  // namespace skein
