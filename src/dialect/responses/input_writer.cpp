// A conversation is a list of items: messages, calls of functions, and results of calls. Invariant:
// nothing here calls `json::parse`, because the turns are views of what it read last. Pure; any
// thread.
#include "dialect/responses/input_writer.hpp"

#include "json/object_text.hpp"

#include <algorithm>
#include <span>

namespace skein::response {
namespace {

using json::add_comma;
using json::add_name;
using json::add_text;

bool is_text_part(const Part& part) { return part.kind == Part::Kind::text; }

void add_address(std::string& out, std::string_view name, const Part& part) {
    std::string address = "data:";
    address.append(part.media_type).append(";base64,").append(part.data);
    add_text(out, name, address);
}

// The API wants a detail of each image.
void add_image(std::string& out, const Part& part) {
    add_text(out, "type", "input_image");
    if (part.data.empty()) {
        add_text(out, "image_url", part.url);
    } else {
        add_address(out, "image_url", part);
    }
    add_text(out, "detail", part.detail.empty() ? "auto" : part.detail);
}

void add_file(std::string& out, const Part& part) {
    add_text(out, "type", "input_file");
    if (!part.data.empty()) {
        if (!part.file_name.empty()) add_text(out, "filename", part.file_name);
        add_address(out, "file_data", part);
    } else if (!part.url.empty()) {
        add_text(out, "file_url", part.url);
    } else {
        add_text(out, "file_id", part.file_id);
    }
}

void add_part(std::string& out, const Part& part) {
    add_comma(out);
    out += '{';
    if (part.kind == Part::Kind::image) {
        add_image(out, part);
    } else if (part.kind == Part::Kind::file) {
        add_file(out, part);
    } else {
        add_text(out, "type", "input_text");
        add_text(out, "text", part.text);
    }
    out += '}';
}

// A text, or a list of parts. The parts of an assistant's text are joined: the API takes lists of
// what it wrote itself only with ids and states that a chat does not have.
void add_content(std::string& out, std::string_view name, const Turn& turn) {
    const bool is_one_text = turn.role == Turn::Role::assistant || turn.parts.empty() ||
                             (turn.parts.size() == 1 && is_text_part(turn.parts.front()));
    if (is_one_text) return add_text(out, name, text_of(turn));
    add_name(out, name);
    out += '[';
    for (const auto& part : turn.parts) add_part(out, part);
    out += ']';
}

std::string_view role_of(const Turn& turn) {
    switch (turn.role) {
        case Turn::Role::assistant:
            return "assistant";
        case Turn::Role::system:
            return turn.is_developer ? "developer" : "system";
        case Turn::Role::user:
        case Turn::Role::tool:
            break;
    }
    return "user";
}

void add_result(std::string& out, const Turn& turn) {
    add_text(out, "type", "function_call_output");
    add_text(out, "call_id", turn.answers);
    add_content(out, "output", turn);
}

void add_turn(std::string& out, const Turn& turn) {
    add_text(out, "role", role_of(turn));
    add_content(out, "content", turn);
}

void add_call(std::string& out, const FunctionCall& call) {
    add_text(out, "type", "function_call");
    add_text(out, "call_id", call.id);
    add_text(out, "name", call.name);
    add_text(out, "arguments", call.arguments);
}

// A message that only calls is no item of its own.
void add_items(std::string& out, const Turn& turn) {
    const auto item = [&](auto add, const auto& what) {
        add_comma(out);
        out += '{';
        add(out, what);
        out += '}';
    };
    if (turn.role == Turn::Role::tool) {
        item(add_result, turn);
    } else if (turn.calls.empty() || !text_of(turn).empty()) {
        item(add_turn, turn);
    }
    for (const auto& call : turn.calls) item(add_call, call);
}

}  // namespace

void add_input(std::string& body, const std::vector<Turn>& turns) {
    std::span<const Turn> rest{turns};
    const auto first = std::ranges::find_if(turns, [](const Turn& turn) {
        return turn.role != Turn::Role::system;
    });
    if (first != turns.begin() && first != turns.end()) {
        const auto leading = rest.first(static_cast<std::size_t>(first - turns.begin()));
        rest = rest.subspan(leading.size());
        std::string instructions;
        for (const auto& turn : leading) {
            if (&turn != &leading.front()) instructions += "\n\n";
            instructions += text_of(turn);
        }
        add_text(body, "instructions", instructions);
    }
    add_name(body, "input");
    body += '[';
    for (const auto& turn : rest) add_items(body, turn);
    body += ']';
}

}  // namespace skein::response
