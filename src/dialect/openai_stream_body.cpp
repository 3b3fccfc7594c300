#include "dialect/openai_stream_body.hpp"

#include "base/json_text.hpp"

namespace skein {

void StreamedBody::begin(
    std::string_view id, std::optional<std::int64_t> created, std::string_view model
) {
    out_ += '{';
    if (!id.empty()) member("id", id);
    member("object", chat_ ? "chat.completion" : "text_completion");
    if (created) {
        key("created");
        json::append_number(out_, *created);
    }
    if (!model.empty()) member("model", model);
    key("choices");
    out_ += '[';
}

void StreamedBody::add(std::int64_t index, const StreamedChoice& choice) {
    comma();
    out_ += R"({"index":)";
    json::append_number(out_, index);
    if (chat_) {
        message(choice);
    } else {
        const auto text = choice.texts.find("text");
        member("text", text == choice.texts.end() ? std::string_view{} : text->second);
    }
    logprobs(choice);
    member("finish_reason", choice.finish_reason);
    out_ += '}';
}

void StreamedBody::end(std::string_view usage, std::string_view fingerprint) {
    out_ += ']';
    if (!usage.empty()) {
        key("usage");
        out_ += usage;
    }
    if (!fingerprint.empty()) member("system_fingerprint", fingerprint);
    out_ += '}';
}

void StreamedBody::message(const StreamedChoice& choice) {
    key("message");
    out_ += '{';
    member("role", choice.role.empty() ? "assistant" : std::string_view{choice.role});
    if (!choice.texts.contains("content")) {
        key("content");
        out_ += "null";
    }
    for (const auto& [name, text] : choice.texts) {
        if (name != "text") member(name, text);
    }
    tool_calls(choice);
    if (choice.function_call) {
        key("function_call");
        call(*choice.function_call);
    }
    out_ += '}';
}

void StreamedBody::tool_calls(const StreamedChoice& choice) {
    if (choice.tool_calls.empty()) return;
    key("tool_calls");
    out_ += '[';
    for (const auto& [index, tool_call] : choice.tool_calls) {
        comma();
        out_ += '{';
        if (!tool_call.id.empty()) member("id", tool_call.id);
        member("type", tool_call.type.empty() ? "function" : std::string_view{tool_call.type});
        key("function");
        call(tool_call);
        out_ += '}';
    }
    out_ += ']';
}

void StreamedBody::call(const StreamedChoice::Call& call) {
    out_ += '{';
    member("name", call.name);
    member("arguments", call.arguments);
    out_ += '}';
}

void StreamedBody::logprobs(const StreamedChoice& choice) {
    if (choice.logprobs.empty()) return;
    key("logprobs");
    out_ += '{';
    for (const auto& [name, list] : choice.logprobs) {
        key(name);
        out_ += '[';
        out_ += list;
        out_ += ']';
    }
    out_ += '}';
}

void StreamedBody::member(std::string_view name, std::string_view text) {
    key(name);
    json::append_string(out_, text);
}

void StreamedBody::key(std::string_view name) {
    comma();
    json::append_string(out_, name);
    out_ += ':';
}

// Between two members or elements, and not before the first.
void StreamedBody::comma() {
    if (out_.back() != '{' && out_.back() != '[') out_ += ',';
}

}  // namespace skein
