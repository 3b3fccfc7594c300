#include "dialect/request/request_reader.hpp"

#include "dialect/http/content_text.hpp"
#include "dialect/request/paths.hpp"
#include "json/json.hpp"

#include <string>
#include <utility>

namespace skein {
namespace {

using json::Element;

// Parts that are no text (images) and other members of a message (tool calls) remain in
// `Request::body` only.
std::vector<Message> messages_in(Element root) {
    std::vector<Message> messages;
    const auto list = json::list_member(root, "messages");
    if (!list) return messages;
    for (const auto given : *list) {
        Message message;
        if (const auto role = json::text_member(given, "role")) message.role = *role;
        const auto content = json::member(given, "content");
        if (content) message.content = text_of_content(*content);
        messages.push_back(std::move(message));
    }
    return messages;
}

// A list of several prompts gives no prompt, because a Request has one; the model reads `body`
// then.
std::string prompt_in(Element root, std::string_view name) {
    std::string_view text;
    simdjson::dom::array list;
    const auto given = json::member(root, name);
    if (!given) return {};
    if (!given->get(text)) return std::string{text};
    const bool is_list_of_one = !given->get(list) && list.size() == 1;
    return is_list_of_one && !list.at(0).get(text) ? std::string{text} : std::string{};
}

std::optional<double> number_in(Element root, std::string_view name) {
    double number = 0;
    const auto given = json::member(root, name);
    return given && !given->get(number) ? std::optional{number} : std::nullopt;
}

void read_members(Element root, Request& request) {
    request.messages = messages_in(root);
    const bool is_embedding = operation_of(request.path) == Operation::embedding;
    request.prompt = prompt_in(root, is_embedding ? "input" : "prompt");
    request.temperature = number_in(root, "temperature");
    request.max_tokens = json::whole_member(root, "max_completion_tokens");
    if (!request.max_tokens) request.max_tokens = json::whole_member(root, "max_tokens");
}

}  // namespace

Request request_from(const Prepared& prepared) {
    Request request{
        .body = '{' + std::string{prepared.members()} + '}',
        .path = std::string{prepared.path.view()},
        .model = prepared.model,
        .stream = prepared.stream,
        .deadline = prepared.deadline};
    Element root;
    // The body was made by `prepare` and is valid JSON; a failure would leave only `body` to the
    // model.
    if (!json::parse(request.body).get(root)) read_members(root, request);
    return request;
}

}  // namespace skein
