#include "mock_server/gemini/contents.hpp"

namespace skein::mock::gemini {
namespace {

constexpr std::string_view known_of_part =
    "text thought thoughtSignature inlineData fileData functionCall functionResponse "
    "executableCode codeExecutionResult toolCall toolResponse videoMetadata mediaResolution "
    "partMetadata mediaProcessing speechMetadata audioTranscription";

// `top_p` as `topP`.
std::string with_capitals(std::string_view name) {
    std::string text;
    bool capital = false;
    for (const char c : name) {
        if (c == '_') {
            capital = true;
            continue;
        }
        text += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        capital = false;
    }
    return text;
}

std::string with_underscores(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool capital = c >= 'A' && c <= 'Z';
        if (capital) text += '_';
        text += capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

// A text becomes `{"output": text}` where a client has no better name for it. Other results have a
// part in the conversation, but no text.
std::string result_of(const Json& part) {
    const auto* told = either_member(part, "functionResponse");
    const auto* response = told && told->is_object() ? either_member(*told, "response") : nullptr;
    const auto* text =
        response && response->is_object() ? text_member(*response, "output") : nullptr;
    return text ? *text : std::string{};
}

// A thought is none of what was said.
Refused read_part(const Json& part, std::string_view where, Parts& parts) {
    if (!part.is_object()) return no("Invalid value at '" + std::string{where} + ".parts'");
    if (auto refused = only(part, known_of_part, std::string{where} + ".parts")) return refused;
    if (part.empty()) return no("* " + std::string{where} + ".parts.data: required oneof field");
    if (const auto* told = either_member(part, "functionResponse")) {
        const auto* name = told->is_object() ? text_member(*told, "name") : nullptr;
        if (!name || name->empty()) {
            return no("* " + std::string{where} + ".parts.function_response.name: cannot be empty");
        }
        parts.results.push_back(result_of(part));
        return std::nullopt;
    }
    parts.has_others = true;
    const auto* text = member(part, "text");
    if (!text) return std::nullopt;
    if (!text->is_string()) return no("Invalid value at '" + std::string{where} + ".parts.text'");
    const auto* thought = member(part, "thought");
    const bool is_thought = thought && thought->is_boolean() && thought->get<bool>();
    if (!is_thought) parts.text += text->get_ref<const std::string&>();
    return std::nullopt;
}

}  // namespace

const Json* either_member(const Json& object, std::string_view name) {
    if (const auto* value = member(object, std::string{name}.c_str())) return value;
    return member(object, with_underscores(name).c_str());
}

Refused only(const Json& object, std::string_view known, std::string_view where) {
    const auto& members = object.get_ref<const Json::object_t&>();
    for (const auto& [name, value] : members) {
        if (is_word_of(known, with_capitals(name))) continue;
        auto why = "Invalid JSON payload received. Unknown name \"" + name + '"';
        if (!where.empty()) ((why += " at '") += where) += '\'';
        return no(why += ": Cannot find field.");
    }
    return std::nullopt;
}

Refused read_parts(const Json& content, std::string_view where, Parts& parts) {
    const auto* list = member(content, "parts");
    if (!list || !list->is_array() || list->empty()) {
        return no("* " + std::string{where} + ".parts: contents.parts must not be empty.");
    }
    for (const auto& part : *list) {
        if (auto refused = read_part(part, where, parts)) return refused;
    }
    return std::nullopt;
}

}  // namespace skein::mock::gemini
