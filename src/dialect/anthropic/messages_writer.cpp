// A message is a list of blocks, or a text in place of one block of text. Empty texts are left out,
// because the API refuses them. Pure; any thread.
#include "dialect/anthropic/messages_writer.hpp"

#include "dialect/anthropic/base64_text.hpp"
#include "dialect/anthropic/media_types.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <span>

namespace skein {
namespace {

using Run = std::span<const Turn>;  // Messages of one speaker.

bool is_said(const Part& part) { return part.kind != Part::Kind::text || !part.text.empty(); }

void begin_block(std::string& out) {
    if (out.back() != '[') out += ',';
}

void append_source(std::string& out, const Part& part) {
    const auto member = [&](std::string_view before, std::string_view text) {
        out += before;
        json::append_string(out, text);
    };
    if (part.data.empty() && !part.url.empty()) {
        member(R"({"type":"url","url":)", part.url);
    } else if (part.data.empty()) {
        member(R"({"type":"file","file_id":)", part.file_id);
    } else if (part.kind == Part::Kind::file && is_text_type(part.media_type)) {
        const auto text = text_of_base64(part.data).value_or(std::string{});
        member(R"({"type":"text","media_type":"text/plain","data":)", text);
    } else {
        member(R"({"type":"base64","media_type":)", part.media_type);
        member(R"(,"data":)", part.data);
    }
    out += '}';
}

void append_part(std::string& out, const Part& part) {
    begin_block(out);
    if (part.kind == Part::Kind::text) {
        out += R"({"type":"text","text":)";
        json::append_string(out, part.text);
    } else {
        const bool is_image = part.kind == Part::Kind::image;
        out.append(R"({"type":")").append(is_image ? "image" : "document").append(R"(","source":)");
        append_source(out, part);
    }
    if (!part.file_name.empty()) {
        out += R"(,"title":)";
        json::append_string(out, part.file_name);
    }
    out += '}';
}

void append_parts(std::string& out, const std::vector<Part>& parts) {
    for (const auto& part : parts) {
        if (is_said(part)) append_part(out, part);
    }
}

// The part, if the list says one text and nothing else.
const Part* only_text(const std::vector<Part>& parts) {
    const auto first = std::ranges::find_if(parts, is_said);
    if (first == parts.end() || first->kind != Part::Kind::text) return nullptr;
    return std::any_of(first + 1, parts.end(), is_said) ? nullptr : &*first;
}

// A result may be empty: then it has no content.
void append_result(std::string& out, const Turn& turn) {
    begin_block(out);
    out += R"({"type":"tool_result","tool_use_id":)";
    json::append_string(out, turn.answers);
    if (const auto* text = only_text(turn.parts)) {
        out += R"(,"content":)";
        json::append_string(out, text->text);
    } else if (std::ranges::any_of(turn.parts, is_said)) {
        out += R"(,"content":[)";
        append_parts(out, turn.parts);
        out += ']';
    }
    out += '}';
}

// The arguments keep their bytes but for the white space between them: numbers stay as they were
// written.
void append_call(std::string& out, const FunctionCall& call) {
    begin_block(out);
    out += R"({"type":"tool_use","id":)";
    json::append_string(out, call.id);
    out += R"(,"name":)";
    json::append_string(out, call.name);
    out.append(R"(,"input":)").append(json::compact(call.arguments)).append("}");
}

void append_content(std::string& out, Run run) {
    const auto& first = run.front();
    const bool may_be_text =
        run.size() == 1 && first.role != Turn::Role::tool && first.calls.empty();
    if (const auto* text = may_be_text ? only_text(first.parts) : nullptr) {
        return json::append_string(out, text->text);
    }
    out += '[';
    for (const auto& turn : run) {
        if (turn.role == Turn::Role::tool) {
            append_result(out, turn);
        } else {
            append_parts(out, turn.parts);
        }
        for (const auto& call : turn.calls) append_call(out, call);
    }
    out += ']';
}

std::string_view speaker_of(const Turn& turn) {
    if (turn.role == Turn::Role::assistant) return "assistant";
    return turn.role == Turn::Role::system ? "system" : "user";
}

// The messages at the beginning that have the speaker of the first.
Run first_run(Run turns) {
    const auto end = std::ranges::find_if(turns, [&](const Turn& turn) {
        return speaker_of(turn) != speaker_of(turns.front());
    });
    return turns.first(static_cast<std::size_t>(end - turns.begin()));
}

}  // namespace

void append_turns(std::string& out, const Question& question) {
    Run turns{question.turns};
    if (!turns.empty() && turns.front().role == Turn::Role::system) {
        const auto leading = first_run(turns);
        out += R"(,"system":)";
        append_content(out, leading);
        turns = turns.subspan(leading.size());
    }
    out += R"(,"messages":[)";
    while (!turns.empty()) {
        const auto run = first_run(turns);
        begin_block(out);
        out.append(R"({"role":")").append(speaker_of(run.front())).append(R"(","content":)");
        append_content(out, run);
        out += '}';
        turns = turns.subspan(run.size());
    }
    out += ']';
}

}  // namespace skein
