// Parses and checks the body of a request, as strictly as the real services do. Pure; any thread.
#include "mock_server/question.hpp"

#include "mock_server/hash.hpp"
#include "mock_server/members.hpp"

#include <optional>

namespace skein::mock {
namespace {

constexpr std::uint64_t max_choices = 128;
constexpr std::uint64_t max_dimensions = 4096;

// A text, or the joined parts of type text. Nothing if the message has no content; a message with
// tool calls needs none.
std::optional<std::string> content_of(const Json& message) {
    const auto* content = member(message, "content");
    if (!content)
        return message.contains("tool_calls") ? std::optional{std::string{}} : std::nullopt;
    if (content->is_string()) return content->get<std::string>();
    if (!content->is_array()) return std::nullopt;
    std::string text;
    for (const auto& part : *content) {
        if (!part.is_object()) return std::nullopt;
        const auto* said = member(part, "text");
        if (said && said->is_string()) text += said->get_ref<const std::string&>();
    }
    return text;
}

// The prompt is the text of all messages with their roles: it decides the answer and the faults.
Refused read_messages(const Json& body, Question& question) {
    const auto* messages = member(body, "messages");
    if (!messages || !messages->is_array() || messages->empty()) {
        return no("messages must be a list with at least one message");
    }
    for (const auto& message : *messages) {
        const auto* role = message.is_object() ? member(message, "role") : nullptr;
        if (!role || !role->is_string()) return no("every message must have a role");
        auto content = content_of(message);
        if (!content) return no("every message must have a content");
        question.say(role->get_ref<const std::string&>(), std::move(*content));
    }
    return std::nullopt;
}

Refused read_prompt(const Json& body, Question& question) {
    const auto* prompt = member(body, "prompt");
    if (prompt && prompt->is_array() && prompt->size() == 1) prompt = &prompt->front();
    if (!prompt || !prompt->is_string()) return no("prompt must be a text");
    question.prompt = prompt->get<std::string>();
    question.last_said = question.prompt;
    return std::nullopt;
}

Refused read_input(const Json& body, Question& question) {
    const auto* input = member(body, "input");
    if (input && input->is_string()) {
        question.inputs.push_back(input->get<std::string>());
    } else if (input && input->is_array() && !input->empty()) {
        for (const auto& one : *input) {
            if (!one.is_string()) return no("input must be a text or a list of texts");
            question.inputs.push_back(one.get<std::string>());
        }
    } else {
        return no("input must be a text or a list of texts");
    }
    for (const auto& one : question.inputs) (question.prompt += one) += '\n';
    return read_count(body, "dimensions", question.dimensions, max_dimensions);
}

// Strict as OpenAI is: `stream_options` without `stream` is refused.
Refused read_how(const Json& body, Question& question) {
    constexpr std::uint64_t max_tokens = 1'000'000;
    if (auto refused = read_count(body, "max_tokens", question.max_tokens, max_tokens)) {
        return refused;
    }
    if (auto refused = read_count(body, "max_completion_tokens", question.max_tokens, max_tokens)) {
        return refused;
    }
    if (auto refused = read_count(body, "n", question.choices, max_choices)) return refused;
    if (auto refused = read_truth(body, "stream", question.stream)) return refused;
    const auto* options = member(body, "stream_options");
    if (!options) return std::nullopt;
    if (!question.stream) return no("stream_options may only be said with stream: true");
    if (!options->is_object()) return no("stream_options must be an object");
    return read_truth(*options, "include_usage", question.include_usage);
}

Refused read(const Json& body, Question& question) {
    const auto* model = member(body, "model");
    if (model && !model->is_string()) return no("model must be a text");
    question.model = model ? model->get<std::string>() : "mock";
    if (question.task == Task::embedding) return read_input(body, question);
    const auto refused =
        question.task == Task::chat ? read_messages(body, question) : read_prompt(body, question);
    return refused ? refused : read_how(body, question);
}

}  // namespace

std::uint64_t Question::prompt_hash() const { return hash_of(prompt); }

void Question::say(std::string_view role, std::string text) {
    prompt += role;
    prompt += ": ";
    prompt += text;
    prompt += '\n';
    if (role == "user") last_said = std::move(text);
}

std::variant<Question, NoQuestion> question_of(Task task, std::string_view text) {
    Json body;
    if (auto refused = parse_body(text, body)) return std::move(*refused);
    Question question{.task = task};
    if (auto refused = read(body, question)) return std::move(*refused);
    return question;
}

}  // namespace skein::mock
