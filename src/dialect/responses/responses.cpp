// The value that the seam asks for. A row of this API's own (`url: /v1/responses`) goes to it as it
// stands, and its answer comes back as it stands; only chats are translated.
#include "dialect/responses/responses.hpp"

#include "dialect/request/body.hpp"
#include "dialect/responses/answer_translator.hpp"
#include "dialect/responses/native_response.hpp"
#include "dialect/responses/question_writer.hpp"
#include "dialect/responses/refusals.hpp"
#include "dialect/responses/stream_translator.hpp"

namespace skein {
namespace {

constexpr std::string_view usual_path = "/v1/responses";

bool is_native(const Prepared& request) {
    return request.operation == Operation::other && request.path.view() == usual_path;
}

std::string_view path_of_responses(const Endpoint&, const Prepared&, std::string&) {
    return usual_path;
}

void add_key(HeaderLines& lines, const Endpoint&) { lines.add_key(); }

std::optional<std::string> refused_chat(const Endpoint& endpoint, const Prepared& request) {
    if (is_native(request)) return std::nullopt;
    if (request.operation != Operation::chat) return "responses can only be asked for chats";
    const auto question = take_apart(request.body, endpoint.drop);
    return question ? response::refusal_of(*question) : question.error();
}

std::optional<std::string> body_of_chat(
    const Endpoint& endpoint, const Prepared& request, AddedMembers without
) {
    if (is_native(request)) return common_body(endpoint, request, without);
    const auto question = take_apart(request.body, endpoint.drop);
    // What cannot be taken apart has been refused and is never sent.
    return question ? response::written_question(endpoint, request, *question) : "{}";
}

std::optional<std::string> answer_to_chat(json::Element root, const Answered& answered) {
    if (answered.operation != Operation::chat) return std::nullopt;
    return response::common_answer(root);
}

}  // namespace

const Dialect responses{
    .api = Api::responses,
    .name = "responses",
    .path = path_of_responses,
    .sign = add_key,
    .body = body_of_chat,
    .refusal = refused_chat,
    .answer = answer_to_chat,
    .stream = [](const Answered&) { return response::make_stream_translator(); },
    .native_stream = response::make_native_response,
};

}  // namespace skein
