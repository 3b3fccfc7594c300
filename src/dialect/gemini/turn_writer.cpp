// Invariant: nothing here calls `json::parse`, because the turns are views of what it read last.
#include "dialect/gemini/turn_writer.hpp"

#include "dialect/gemini/members.hpp"
#include "dialect/gemini/part_writer.hpp"

namespace skein::google {
namespace {

std::string_view speaker_of(Turn::Role role) {
    return role == Turn::Role::assistant ? "model" : "user";
}

std::string at(std::size_t index) { return "messages[" + std::to_string(index) + ']'; }

Refusal write_parts(const Turn& turn, std::string& out) {
    for (std::size_t i = 0; i < turn.parts.size(); ++i) {
        if (auto wrong = write_part(turn.parts[i], out)) {
            return ".content[" + std::to_string(i) + "] " + *wrong;
        }
    }
    return std::nullopt;
}

Refusal write_calls(const Turn& turn, CallWriter& writer, std::string& out) {
    for (std::size_t i = 0; i < turn.calls.size(); ++i) {
        if (auto wrong = writer.write(turn.calls[i], out)) {
            return ".tool_calls[" + std::to_string(i) + "] " + *wrong;
        }
    }
    return std::nullopt;
}

bool is_only_text(const Turn& turn) {
    for (const auto& part : turn.parts) {
        if (part.kind != Part::Kind::text) return false;
    }
    return true;
}

Refusal write_turn(const Turn& turn, CallWriter& writer, std::string& out) {
    const bool must_be_text = turn.role == Turn::Role::system || turn.role == Turn::Role::tool;
    if (must_be_text && !is_only_text(turn)) {
        return " holds more than text, which gemini takes of a user only";
    }
    if (turn.role == Turn::Role::tool) return write_answer_of_tool(turn, out);
    const auto before = out.size();
    if (auto wrong = write_parts(turn, out)) return wrong;
    if (auto wrong = write_calls(turn, writer, out)) return wrong;
    if (out.size() == before) return " holds nothing that gemini could be told";
    return std::nullopt;
}

}  // namespace

Refusal write_turns(const std::vector<Turn>& turns, std::string& body) {
    CallWriter writer;
    std::string system = "[";
    std::string contents = "[";
    std::string_view speaker;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto& turn = turns[i];
        const bool is_system = turn.role == Turn::Role::system;
        if (is_system && !speaker.empty()) {
            return at(i) + " is one of the system behind others; gemini takes those in front only";
        }
        if (!is_system && speaker != speaker_of(turn.role)) {
            if (!speaker.empty()) contents += "]}";
            add_comma(contents);
            speaker = speaker_of(turn.role);
            contents += '{';
            add_text(contents, "role", speaker);
            add_name(contents, "parts");
            contents += '[';
        }
        auto& out = is_system ? system : contents;
        if (auto wrong = write_turn(turn, writer, out)) return at(i) + *wrong;
    }
    if (speaker.empty()) return "gemini cannot be asked without a message of the user";
    add_name(body, "contents");
    body.append(contents).append("]}]");
    if (system == "[") return std::nullopt;
    add_name(body, "systemInstruction");
    body.append(R"({"parts":)").append(system).append("]}");
    return std::nullopt;
}

}  // namespace skein::google
