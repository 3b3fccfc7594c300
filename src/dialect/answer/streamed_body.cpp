#include "dialect/answer/streamed_body.hpp"

#include "dialect/answer/tool_calls.hpp"
#include "json/text.hpp"

#include <string_view>

namespace skein {
namespace {

// Writes a comma between two members or elements, but not before the first.
void comma(std::string& out) {
    if (out.back() != '{' && out.back() != '[') out += ',';
}

void key(std::string& out, std::string_view name) {
    comma(out);
    json::append_string(out, name);
    out += ':';
}

void member(std::string& out, std::string_view name, std::string_view text) {
    key(out, name);
    json::append_string(out, text);
}

void member(std::string& out, std::string_view name, const Merged& value) {
    key(out, name);
    value.write(out);
}

// Role and content come first and are always there, as in a plain answer.
void append_message(std::string& out, const Merged& message) {
    key(out, "message");
    out += '{';
    const auto role = message.text_of("role");
    member(out, "role", role.empty() ? "assistant" : role);
    const auto* content = message.find("content");
    member(out, "content", content ? *content : Merged{});
    for (const auto& [name, value] : message.members()) {
        if (name == "role" || name == "content") continue;
        if (name == "tool_calls" && value.is_list()) {
            key(out, name);
            write_tool_calls(out, value);
        } else {
            member(out, name, value);
        }
    }
    out += '}';
}

void append_choice(
    std::string& out, Operation operation, std::int64_t index, const StreamedChoice& choice
) {
    comma(out);
    out += R"({"index":)";
    json::append_number(out, index);
    if (operation == Operation::chat) append_message(out, choice.message);
    // A choice without any text still has the member.
    if (operation != Operation::chat && !choice.others.find("text"))
        member(out, "text", std::string_view{});
    for (const auto& [name, value] : choice.others.members()) member(out, name, value);
    key(out, "finish_reason");
    if (choice.finish_reason.empty()) {
        out += "null";
    } else {
        json::append_string(out, choice.finish_reason);
    }
    out += '}';
}

}  // namespace

// Writes the body as if the answer had not been streamed, so that an output line has one form.
// Members that skein does not know follow the known ones.
std::string streamed_body(
    Operation operation, const Merged& chunk, const std::map<std::int64_t, StreamedChoice>& choices
) {
    std::string out = "{";
    if (const auto id = chunk.text_of("id"); !id.empty()) member(out, "id", id);
    member(out, "object", operation == Operation::chat ? "chat.completion" : "text_completion");
    for (const std::string_view name : {"created", "model"}) {
        if (const auto* value = chunk.find(name)) member(out, name, *value);
    }
    key(out, "choices");
    out += '[';
    for (const auto& [index, choice] : choices) append_choice(out, operation, index, choice);
    out += ']';
    for (const auto& [name, value] : chunk.members()) {
        const bool is_written =
            name == "id" || name == "object" || name == "created" || name == "model";
        if (!is_written) member(out, name, value);
    }
    return out += '}';
}

}  // namespace skein
