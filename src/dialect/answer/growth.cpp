// Invariant: only what stays is told. A value that a server replaces later (the placeholder `{}` of
// arguments) is told when the choice is over, or when it has become another.
#include "dialect/answer/growth.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

// The same thing by different servers; some send both, with the same text.
constexpr std::array<std::string_view, 2> names_of_reasoning{"reasoning_content", "reasoning"};

// Appends what is new of `all`, of which `told` bytes have been told.
void tell(std::string_view all, std::size_t& told, std::string& out) {
    if (all.size() <= told) return;
    out += all.substr(told);
    told = all.size();
}

}  // namespace

void Growth::look(
    Operation operation, std::int64_t index, const StreamedChoice& choice, bool is_over
) {
    auto& seen = seen_[index];
    Chunk chunk;
    chunk.choice = static_cast<std::size_t>(std::max<std::int64_t>(index, 0));
    const bool is_chat = operation == Operation::chat;
    const auto* content = is_chat ? choice.message.find("content") : choice.others.find("text");
    if (content) look_at_text(*content, seen, chunk.text);
    look_at_reasoning(choice.message, seen, chunk.reasoning);
    look_at_calls(choice.message, is_over, seen, chunk);
    if (chunk.text.empty() && chunk.reasoning.empty() && chunk.calls.empty()) return;
    chunks_.push_back(std::move(chunk));
}

// A content of parts is text part by part, as in `Merged::text_of_parts`; a text becomes the first
// part of a list without a change.
void Growth::look_at_text(const Merged& content, Seen& seen, std::string& text) {
    if (!content.is_list()) return tell(content.text(), seen.text, text);
    const auto& parts = content.elements();
    for (; seen.part < parts.size(); ++seen.part, seen.text = 0) {
        tell(parts[seen.part].text_of("text"), seen.text, text);
        if (seen.part + 1 == parts.size()) return;
    }
}

void Growth::look_at_reasoning(const Merged& message, Seen& seen, std::string& reasoning) {
    if (seen.reasoning_name.empty()) {
        const auto name = std::ranges::find_if(names_of_reasoning, [&](std::string_view it) {
            return !message.text_of(it).empty();
        });
        if (name == names_of_reasoning.end()) return;
        seen.reasoning_name = *name;
    }
    tell(message.text_of(seen.reasoning_name), seen.reasoning, reasoning);
}

// `function_call` is the one call of older APIs.
void Growth::look_at_calls(const Merged& message, bool is_over, Seen& seen, Chunk& chunk) {
    std::size_t number = 0;
    const auto look = [&](const Merged& call, const Merged* function) {
        if (seen.calls.size() <= number) seen.calls.emplace_back();
        look_at_call(call, function, number, is_over, seen.calls[number], chunk);
        ++number;
    };
    if (const auto* calls = message.find("tool_calls")) {
        for (const auto& call : calls->elements()) look(call, call.find("function"));
    } else if (const auto* function = message.find("function_call")) {
        look(*function, function);
    }
}

void Growth::look_at_call(
    const Merged& call,
    const Merged* function,
    std::size_t number,
    bool is_over,
    Call& seen,
    Chunk& chunk
) {
    CallPiece piece{.call = number};
    if (const auto id = call.text_of("id"); !seen.has_id && !id.empty()) {
        piece.id = id;
        seen.has_id = true;
    }
    if (function) {
        tell(function->text_of("name"), seen.name, piece.name);
        const auto arguments = function->text_of("arguments");
        const bool may_be_replaced = arguments == "{}" && seen.arguments == 0 && !is_over;
        if (!may_be_replaced) tell(arguments, seen.arguments, piece.arguments);
    }
    if (piece.id.empty() && piece.name.empty() && piece.arguments.empty()) return;
    chunk.calls.push_back(std::move(piece));
}

// The body is in the common form, in which a message is a delta that holds everything.
std::vector<Chunk> chunks_of(const Completion& completion, Operation operation) {
    std::vector<Chunk> chunks;
    if (operation == Operation::chat || operation == Operation::completion) {
        Growth growth;
        StreamedAnswer answer{operation, Wanted{}, ReadLimits{}};
        answer.watch(&growth);
        answer.read({.type = "message", .data = completion.body, .error = {}}, TimePoint{});
        chunks = growth.take();
    }
    // A body in the API's own form.
    if (chunks.empty() && !completion.text.empty()) {
        chunks.emplace_back().text = completion.text;
    }
    return chunks;
}

}  // namespace skein
