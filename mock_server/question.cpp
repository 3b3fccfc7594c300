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

// The name of the function that a choice demands: that which it names, or the first of all. With
// `auto` the mock server never calls one.
Refused read_call(const Json& body, Question& question) {
    const auto* choice = member(body, "tool_choice");
    const auto* tools = member(body, "tools");
    const auto name_in = [](const Json& tool) -> const std::string* {
        const auto* function = tool.is_object() ? member(tool, "function") : nullptr;
        return function && function->is_object() ? text_member(*function, "name") : nullptr;
    };
    if (tools && (!tools->is_array() || tools->empty())) return no("tools must be a list of tools");
    for (std::size_t i = 0; tools && i < tools->size(); ++i) {
        if (!name_in((*tools)[i])) return no("every tool must be a function with a name");
    }
    if (!choice || *choice == "none" || *choice == "auto") return std::nullopt;
    if (!tools) return no("tool_choice may only be said with tools");
    // Mistral's word for `required` is `any`.
    const auto* name =
        *choice == "required" || *choice == "any" ? name_in(tools->front()) : name_in(*choice);
    if (!name) return no("tool_choice must be none, auto, required, or a function");
    question.call = *name;
    return std::nullopt;
}

Refused read(const Json& body, Question& question) {
    const auto* model = member(body, "model");
    if (model && !model->is_string()) return no("model must be a text");
    question.model = model ? model->get<std::string>() : "mock";
    if (question.task == Task::embedding) return read_input(body, question);
    if (question.task == Task::completion) {
        const auto refused = read_prompt(body, question);
        return refused ? refused : read_how(body, question);
    }
    if (auto refused = read_messages(body, question)) return refused;
    if (auto refused = read_call(body, question)) return refused;
    return read_how(body, question);
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
