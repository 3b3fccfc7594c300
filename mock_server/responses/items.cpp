// Checks items as strictly as the service does, and takes out their text. Pure; any thread.
#include "mock_server/responses/items.hpp"

#include <array>
#include <utility>

namespace skein::mock::responses {
namespace {

NoQuestion invalid(const std::string& where, std::string_view expected) {
    return no("Invalid type for '" + where + "': expected " + std::string{expected} + '.');
}

// A kind of item or part: its members, and those of them that must be there.
struct Kind {
    std::string_view name{};
    std::string_view known{};
    std::string_view required{};
};
constexpr std::array parts{
    Kind{"input_text", "type text", "text"},
    Kind{"input_image", "type image_url file_id detail", "detail"},
    Kind{"input_file", "type file_data file_id file_url filename detail", ""},
    Kind{"output_text", "type text annotations logprobs", "text"},
    Kind{"refusal", "type refusal", "refusal"},
};
constexpr std::array items{
    Kind{"message", "type role content id status phase", "role content"},
    Kind{"function_call", "type call_id name arguments id status", "call_id name arguments"},
    Kind{"function_call_output", "type call_id output id status", "call_id output"},
    Kind{"reasoning", "type id summary content encrypted_content status", "id summary"},
};

const Kind* kind_named(const auto& kinds, std::string_view name) {
    for (const auto& kind : kinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

Refused check_members(const Json& object, const Kind& kind, const std::string& where) {
    if (auto refused = only(object, kind.known, where)) return refused;
    auto rest = kind.required;
    while (!rest.empty()) {
        const auto end = rest.find(' ');
        const std::string name{rest.substr(0, end)};
        if (!member(object, name.c_str())) return missing(where + "." + name);
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    return std::nullopt;
}

// The text of an assistant is an output, that of all others an input.
Refused check_speaker(std::string_view type, std::string_view role, const std::string& where) {
    const bool is_output = type == "output_text" || type == "refusal";
    if (is_output == (role == "assistant")) return std::nullopt;
    return no(
        "Invalid value: '" + std::string{type} + "' at '" + where + "' in a message of '" +
        std::string{role} + "'."
    );
}

Refused check_media(const Json& part, const std::string& where) {
    const auto type = part["type"].get<std::string>();
    const bool has_id = member(part, "file_id");
    if (type == "input_image" && !has_id && !member(part, "image_url")) {
        return missing(where + ".image_url");
    }
    const bool has_file = has_id || member(part, "file_data") || member(part, "file_url");
    if (type == "input_file" && !has_file) return missing(where + ".file_data");
    return std::nullopt;
}

Refused read_part(
    const Json& part, std::string_view role, const std::string& where, std::string& text
) {
    if (!part.is_object()) return invalid(where, "an object");
    const auto* type = text_member(part, "type");
    if (!type) return missing(where + ".type");
    const auto* kind = kind_named(parts, *type);
    if (!kind) return no("Invalid value: '" + *type + "' at '" + where + ".type'.");
    if (auto refused = check_members(part, *kind, where)) return refused;
    if (auto refused = check_speaker(*type, role, where)) return refused;
    if (auto refused = check_media(part, where)) return refused;
    if (const auto* said = text_member(part, "text")) text += *said;
    return std::nullopt;
}

// A text, or a list of parts.
Refused read_content(
    const Json& content, std::string_view role, const std::string& where, std::string& text
) {
    if (content.is_string()) {
        text = content.get<std::string>();
        return std::nullopt;
    }
    if (!content.is_array()) return invalid(where, "a string or an array");
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto place = where + "[" + std::to_string(i) + "]";
        if (auto refused = read_part(content[i], role, place, text)) return refused;
    }
    return std::nullopt;
}

Refused read_message(const Json& item, const std::string& where, Question& question) {
    const auto* role = text_member(item, "role");
    if (!role || !is_word_of("user assistant system developer", *role)) {
        return no("Invalid value for '" + where + ".role'.");
    }
    std::string text;
    if (auto refused = read_content(item["content"], *role, where + ".content", text)) {
        return refused;
    }
    question.say(*role, std::move(text));
    return std::nullopt;
}

// In a chat, calls belong to a message of the assistant: `speaks` tells whether there is one.
Refused read_item(const Json& item, const std::string& where, bool& speaks, Question& question) {
    if (!item.is_object()) return invalid(where, "an object");
    const auto* named = text_member(item, "type");
    const std::string type = named ? *named : "message";
    const auto* kind = kind_named(items, type);
    if (!kind) return no("Invalid value: '" + type + "' at '" + where + ".type'.");
    if (auto refused = check_members(item, *kind, where)) return refused;
    const bool spoke = std::exchange(speaks, false);
    if (type == "message") {
        speaks = item["role"] == "assistant";
        return read_message(item, where, question);
    }
    if (type == "function_call") {
        if (!text_member(item, "arguments")) return invalid(where + ".arguments", "a string");
        if (!spoke) question.say("assistant", "");
        speaks = true;
    }
    if (type == "function_call_output") {
        std::string text;
        if (auto refused = read_content(item["output"], "tool", where + ".output", text)) {
            return refused;
        }
        question.say("tool", std::move(text));
    }
    return std::nullopt;
}

}  // namespace

NoQuestion missing(const std::string& where) {
    return no("Missing required parameter: '" + where + "'.");
}

Refused only(const Json& object, std::string_view known, const std::string& where) {
    const auto* name = stranger(object, known);
    if (!name) return std::nullopt;
    return no("Unknown parameter: '" + (where.empty() ? *name : where + "." + *name) + "'.");
}

Refused read_input(const Json& input, Question& question) {
    if (input.is_string()) {
        question.say("user", input.get<std::string>());
        return std::nullopt;
    }
    if (!input.is_array() || input.empty()) {
        return no("Invalid type for 'input': expected a string, or an array with an item.");
    }
    bool speaks = false;
    for (std::size_t i = 0; i < input.size(); ++i) {
        const auto where = "input[" + std::to_string(i) + "]";
        if (auto refused = read_item(input[i], where, speaks, question)) return refused;
    }
    return std::nullopt;
}

}  // namespace skein::mock::responses
