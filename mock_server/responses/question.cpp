// Parses and checks a body of the Responses API. Pure; any thread.
#include "mock_server/responses/question.hpp"

#include "mock_server/responses/items.hpp"

namespace skein::mock::responses {
namespace {

constexpr std::uint64_t max_tokens = 1'000'000;
constexpr std::string_view known =
    "background context_management conversation include input instructions max_output_tokens "
    "max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt "
    "prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier "
    "service_tier store stream stream_options temperature text tool_choice tools top_logprobs "
    "top_p "
    "truncation user";

// A member that is an object, with members that are known.
Refused check_object(const Json& body, const char* name, std::string_view members) {
    const auto* object = member(body, name);
    if (!object) return std::nullopt;
    if (!object->is_object()) {
        return no("Invalid type for '" + std::string{name} + "': expected an object.");
    }
    return only(*object, members, name);
}

// The tools are flat: what the chat has within `function` stands beside the type here.
Refused check_tool(const Json& tool, const std::string& where) {
    if (!tool.is_object()) return no("Invalid type for '" + where + "': expected an object.");
    const auto* type = text_member(tool, "type");
    if (!type) return missing(where + ".type");
    if (*type != "function") return std::nullopt;  // A tool that the server runs itself.
    constexpr std::string_view members =
        "type name description parameters strict defer_loading allowed_callers";
    if (auto refused = only(tool, members, where)) return refused;
    if (!text_member(tool, "name")) return missing(where + ".name");
    return std::nullopt;
}

Refused check_tools(const Json& body) {
    const auto* tools = member(body, "tools");
    if (!tools) return std::nullopt;
    if (!tools->is_array()) return no("Invalid type for 'tools': expected an array.");
    for (std::size_t i = 0; i < tools->size(); ++i) {
        if (auto refused = check_tool((*tools)[i], "tools[" + std::to_string(i) + "]")) {
            return refused;
        }
    }
    return std::nullopt;
}

Refused check_tool_choice(const Json& body) {
    const auto* choice = member(body, "tool_choice");
    if (!choice) return std::nullopt;
    if (choice->is_string()) {
        if (is_word_of("none auto required", choice->get_ref<const std::string&>())) {
            return std::nullopt;
        }
        return no("Invalid value for 'tool_choice'.");
    }
    if (auto refused = check_object(body, "tool_choice", "type name mode tools server_label")) {
        return refused;
    }
    if (!text_member(*choice, "type")) return missing("tool_choice.type");
    return std::nullopt;
}

Refused check_text(const Json& body) {
    if (auto refused = check_object(body, "text", "format verbosity")) return refused;
    const auto* text = member(body, "text");
    if (!text) return std::nullopt;
    const auto* verbosity = text_member(*text, "verbosity");
    if (verbosity && !is_word_of("low medium high", *verbosity)) {
        return no("Invalid value for 'text.verbosity'.");
    }
    if (auto refused = check_object(*text, "format", "type name description schema strict")) {
        return refused;
    }
    const auto* format = member(*text, "format");
    if (!format) return std::nullopt;
    const auto* type = text_member(*format, "type");
    if (!type || !is_word_of("text json_object json_schema", *type)) {
        return no("Invalid value for 'text.format.type'.");
    }
    if (*type != "json_schema") return std::nullopt;
    if (!text_member(*format, "name")) return missing("text.format.name");
    const auto* schema = member(*format, "schema");
    if (!schema || !schema->is_object()) return missing("text.format.schema");
    return std::nullopt;
}

Refused check_reasoning(const Json& body) {
    constexpr std::string_view members = "effort summary generate_summary context mode";
    if (auto refused = check_object(body, "reasoning", members)) return refused;
    const auto* reasoning = member(body, "reasoning");
    const auto* effort = reasoning ? text_member(*reasoning, "effort") : nullptr;
    if (!effort || is_word_of("none minimal low medium high xhigh max", *effort)) {
        return std::nullopt;
    }
    return no("Invalid value for 'reasoning.effort'.");
}

Refused check_range(const Json& body, const char* name, double max) {
    const auto* value = member(body, name);
    if (!value || (value->is_number() && *value >= 0 && *value <= max)) return std::nullopt;
    return no("Invalid '" + std::string{name} + "': it is out of range or no number.");
}

Refused check_options(const Json& body) {
    if (auto refused = check_range(body, "temperature", 2)) return refused;
    if (auto refused = check_range(body, "top_p", 1)) return refused;
    if (auto refused = check_range(body, "top_logprobs", 20)) return refused;
    if (auto refused = check_text(body)) return refused;
    if (auto refused = check_reasoning(body)) return refused;
    if (auto refused = check_tools(body)) return refused;
    if (auto refused = check_object(body, "stream_options", "include_obfuscation")) return refused;
    return std::nullopt;
}

// The function that must be called: the one that is named, or the first.
Refused read_call(const Json& body, Question& question) {
    if (auto refused = check_tool_choice(body)) return refused;
    const auto* choice = member(body, "tool_choice");
    const auto* tools = member(body, "tools");
    if (!choice) return std::nullopt;
    if (choice->is_object()) {
        if (const auto* name = text_member(*choice, "name")) question.call = *name;
    } else if (*choice == "required" && tools) {
        for (const auto& tool : *tools) {
            const auto* name = text_member(tool, "name");
            if (name && question.call.empty()) question.call = *name;
        }
    }
    return std::nullopt;
}

// What is kept may be asked for later. Without this member the real service keeps everything.
Refused read_store(const Json& body, Question& question) {
    if (!member(body, "store")) return std::nullopt;
    return read_truth(body, "store", question.store.emplace());
}

Refused read(const Json& body, Question& question) {
    if (auto refused = only(body, known)) return refused;
    const auto* model = text_member(body, "model");
    if (!model || model->empty()) return missing("model");
    question.model = *model;
    if (auto refused = read_count(body, "max_output_tokens", question.max_tokens, max_tokens)) {
        return refused;
    }
    if (auto refused = read_truth(body, "stream", question.stream)) return refused;
    if (auto refused = read_store(body, question)) return refused;
    if (auto refused = check_options(body)) return refused;
    if (auto refused = read_call(body, question)) return refused;
    if (const auto* instructions = text_member(body, "instructions")) {
        question.say("system", *instructions);
    }
    const auto* input = member(body, "input");
    return input ? read_input(*input, question) : missing("input");
}

}  // namespace

std::variant<Question, NoQuestion> question_of(std::string_view text) {
    Json body;
    if (auto refused = parse_body(text, body)) return std::move(*refused);
    Question question{.api = Api::responses};
    if (auto refused = read(body, question)) return std::move(*refused);
    return question;
}

}  // namespace skein::mock::responses
