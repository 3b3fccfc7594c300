// The value that the seam asks for. What can be asked is decided where the body is written, so that
// a refusal and a body can never contradict each other.
#include "dialect/gemini/gemini.hpp"

#include "dialect/gemini/answer_translator.hpp"
#include "dialect/gemini/embeddings.hpp"
#include "dialect/gemini/model_path.hpp"
#include "dialect/gemini/native_response.hpp"
#include "dialect/gemini/question_writer.hpp"
#include "dialect/gemini/stream_translator.hpp"
#include "dialect/request/body.hpp"

namespace skein {
namespace {

using namespace google;

void sign(HeaderLines& lines, const Endpoint&) { lines.add_key("x-goog-api-key"); }

Refusal write_body(const Endpoint& endpoint, const Prepared& request, std::string& body) {
    switch (request.operation) {
        case Operation::chat:
            return write_chat(endpoint, request, body);
        case Operation::embedding:
            return write_embeddings(endpoint, request, body);
        case Operation::completion:
        case Operation::other:
            break;
    }
    return "gemini can only be asked for chats and embeddings";
}

// A request that was refused is never sent, so its body does not matter.
std::optional<std::string> body_of(
    const Endpoint& endpoint, const Prepared& request, AddedMembers
) {
    if (request.native) {
        if (endpoint.drop.empty()) return std::nullopt;
        return without_members(request.body, endpoint.drop);
    }
    std::string body;
    write_body(endpoint, request, body);
    return body;
}

Refusal refusal(const Endpoint& endpoint, const Prepared& request) {
    std::string body;
    if (auto wrong = refusal_of_model(model_of(endpoint, request))) return wrong;
    if (request.native) return std::nullopt;
    return write_body(endpoint, request, body);
}

std::optional<std::string> answer(json::Element root, const Answered& answered) {
    return answered.operation == Operation::embedding ? common_embeddings(root, answered)
                                                      : common_answer(root);
}

std::unique_ptr<StreamTranslator> stream(const Answered& answered) {
    return std::make_unique<PieceTranslator>(answered.choices);
}

}  // namespace

const Dialect gemini{
    .api = Api::gemini,
    .name = "gemini",
    .path = path_of_model,
    .sign = sign,
    .body = body_of,
    .refusal = refusal,
    .answer = answer,
    .stream = stream,
    .native_stream = make_native_response,
};

}  // namespace skein
