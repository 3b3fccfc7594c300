// Parses and checks a body of the Messages API. Pure; any thread.
#include "mock_server/anthropic/question.hpp"

#include "mock_server/anthropic/blocks.hpp"

namespace skein::mock::anthropic {
namespace {

constexpr std::uint64_t max_tokens = 1'000'000;
constexpr std::size_t max_messages = 100'000;
// From this version on the members that steer the sampling are refused, even at their defaults.
constexpr std::string_view no_sampling_since = "2026-10-21";
constexpr std::string_view known =
    "model messages max_tokens system metadata stop_sequences stream temperature top_k top_p "
    "thinking tools tool_choice service_tier container cache_control diagnostics inference_geo "
    "output_config speed user_profile_id workspace_id";
// What can be counted; all else would not change the number.
constexpr std::string_view known_of_count =
    "model messages system thinking tools tool_choice cache_control output_config speed "
    "user_profile_id";

// A version is a day.
bool is_day(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00";
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
    }
    return true;
}

// A member that is an object, with members that are known.
Refused check_object(const Json& body, const char* name, std::string_view members) {
    const auto* object = member(body, name);
    if (!object) return std::nullopt;
    if (!object->is_object()) {
        return no(std::string{name} + ": Input should be a valid dictionary");
    }
    return only(*object, members, name);
}

// The same, with a `type` that is one of these words.
Refused check_typed(
    const Json& body, const char* name, std::string_view members, std::string_view types
) {
    if (auto refused = check_object(body, name, members)) return refused;
    const auto* object = member(body, name);
    if (!object) return std::nullopt;
    const auto* type = text_member(*object, "type");
    if (type && is_word_of(types, *type)) return std::nullopt;
    return no(std::string{name} + ": 'type' does not match any of the expected tags");
}

Refused check_tools(const Json& body) {
    const auto* tools = member(body, "tools");
    if (!tools) return std::nullopt;
    if (!tools->is_array()) return no("tools: Input should be a valid list");
    for (std::size_t i = 0; i < tools->size(); ++i) {
        const auto& tool = (*tools)[i];
        const auto where = "tools." + std::to_string(i);
        if (!tool.is_object()) return no(where + ": Input should be a valid dictionary");
        // A tool that Anthropic runs itself has a type, and members that are not checked here.
        const auto* type = text_member(tool, "type");
        if (type && *type != "custom") continue;
        constexpr std::string_view members =
            "name description input_schema strict type cache_control allowed_callers "
            "defer_loading eager_input_streaming input_examples";
        if (auto refused = only(tool, members, where)) return refused;
        if (!text_member(tool, "name")) return no(where + ".name: Field required");
        const auto* schema = member(tool, "input_schema");
        if (!schema || !schema->is_object()) return no(where + ".input_schema: Field required");
    }
    return std::nullopt;
}

// The function that must be called: that which `tool_choice` names, or the first. With `auto` the
// mock server never calls one.
Refused read_call(const Json& body, Question& question) {
    if (auto refused = check_typed(
            body, "tool_choice", "type name disable_parallel_tool_use", "auto any none tool"
        )) {
        return refused;
    }
    const auto* choice = member(body, "tool_choice");
    if (!choice) return std::nullopt;
    const auto* tools = member(body, "tools");
    if (!tools || tools->empty()) return no("tool_choice may only be specified with tools");
    const auto& type = (*choice)["type"];
    if (type != "any" && type != "tool") return std::nullopt;
    const auto* name = text_member(type == "any" ? tools->front() : *choice, "name");
    if (!name) return no("tool_choice.name: Field required");
    for (const auto& tool : *tools) {
        const auto* known_name = text_member(tool, "name");
        if (known_name && *known_name == *name) question.call = *name;
    }
    if (question.call.empty()) return no("tool_choice: tool '" + *name + "' not found in tools");
    return std::nullopt;
}

Refused check_output(const Json& body) {
    if (auto refused = check_object(body, "output_config", "effort format")) return refused;
    const auto* config = member(body, "output_config");
    if (!config) return std::nullopt;
    const auto* effort = text_member(*config, "effort");
    if (effort && !is_word_of("low medium high xhigh max", *effort)) {
        return no("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"
        );
    }
    if (auto refused = check_typed(*config, "format", "type schema", "json_schema")) return refused;
    const auto* format = member(*config, "format");
    if (!format || member(*format, "schema")) return std::nullopt;
    return no("output_config.format.schema: Field required");
}

Refused check_sampling(const Json& body, std::string_view version) {
    for (const auto* name : {"temperature", "top_p", "top_k"}) {
        const auto* value = body.contains(name) ? &body[name] : nullptr;
        if (!value) continue;
        if (version >= no_sampling_since) {
            return no(
                std::string{name} + ": not permitted with anthropic-version " +
                std::string{no_sampling_since} + " or later"
            );
        }
        if (!value->is_number() || *value < 0) {
            return no(std::string{name} + ": Input should be a valid number");
        }
        if (name != std::string_view{"top_k"} && *value > 1) {
            return no(std::string{name} + ": Input should be less than or equal to 1");
        }
    }
    return std::nullopt;
}

Refused check_stop(const Json& body) {
    const auto* stops = member(body, "stop_sequences");
    if (!stops) return std::nullopt;
    if (!stops->is_array()) return no("stop_sequences: Input should be a valid list");
    for (const auto& stop : *stops) {
        if (!stop.is_string()) return no("stop_sequences: Input should be a valid string");
    }
    return std::nullopt;
}

// `budget_tokens` is a part of `max_tokens`. Where the model may think, the mock server does.
Refused read_thinking(const Json& body, Question& question) {
    constexpr std::string_view types = "adaptive enabled disabled between_tools";
    if (auto refused = check_typed(body, "thinking", "type budget_tokens display", types)) {
        return refused;
    }
    const auto* thinking = member(body, "thinking");
    if (!thinking) return std::nullopt;
    question.thinks = (*thinking)["type"] != "disabled";
    if ((*thinking)["type"] != "enabled") return std::nullopt;
    const auto* budget = member(*thinking, "budget_tokens");
    if (!budget || !budget->is_number_unsigned() || *budget < 1024u) {
        return no("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
    }
    if (question.task == Task::count || *budget < question.max_tokens) return std::nullopt;
    return no("`max_tokens` must be greater than `thinking.budget_tokens`");
}

Refused read_options(const Json& body, Question& question, std::string_view version) {
    if (auto refused = check_sampling(body, version)) return refused;
    if (auto refused = check_stop(body)) return refused;
    if (auto refused = read_thinking(body, question)) return refused;
    if (auto refused = check_tools(body)) return refused;
    if (auto refused = read_call(body, question)) return refused;
    if (auto refused = check_output(body)) return refused;
    if (auto refused = check_object(body, "metadata", "user_id")) return refused;
    if (const auto* tier = text_member(body, "service_tier");
        tier && !is_word_of("auto standard_only", *tier)) {
        return no("service_tier: Input should be 'auto' or 'standard_only'");
    }
    return std::nullopt;
}

// A list of blocks, if it is one, of type text alone.
Refused read_system(const Json& body, Question& question) {
    const auto* system = member(body, "system");
    if (!system) return std::nullopt;
    Said said;
    if (auto refused = read_content(*system, "system", "system", said)) return refused;
    question.say("system", std::move(said.text));
    return std::nullopt;
}

Refused read_message(const Json& message, std::string where, bool last, Question& question) {
    if (!message.is_object()) return no(where + ": Input should be a valid dictionary");
    if (auto refused = only(message, "role content", where)) return refused;
    const auto* role = text_member(message, "role");
    if (!role || !is_word_of("user assistant system", *role)) {
        return no(where + ".role: Input should be 'user', 'assistant' or 'system'");
    }
    const auto* content = member(message, "content");
    if (!content) return no(where + ".content: Field required");
    Said said;
    if (auto refused = read_content(*content, where + ".content", *role, said)) return refused;
    if (!said.has_blocks && said.results.empty() && !(last && *role == "assistant")) {
        return no(
            "messages: all messages must have non-empty content except for the optional final "
            "assistant message"
        );
    }
    for (auto& result : said.results) question.say("tool", std::move(result));
    if (said.has_blocks || said.results.empty()) question.say(*role, std::move(said.text));
    return std::nullopt;
}

Refused read_messages(const Json& body, Question& question) {
    const auto* messages = member(body, "messages");
    if (!messages) return no("messages: Field required");
    if (!messages->is_array()) return no("messages: Input should be a valid list");
    if (messages->empty()) return no("messages: at least one message is required");
    if (messages->size() > max_messages) {
        return no("messages: List should have at most 100000 items");
    }
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const bool last = i + 1 == messages->size();
        auto where = "messages." + std::to_string(i);
        if (auto refused = read_message((*messages)[i], std::move(where), last, question)) {
            return refused;
        }
    }
    return std::nullopt;
}

Refused read(const Json& body, std::string_view version, Question& question) {
    const bool is_count = question.task == Task::count;
    if (auto refused = only(body, is_count ? known_of_count : known)) return refused;
    const auto* model = text_member(body, "model");
    if (!model || model->empty()) return no("model: Field required");
    question.model = *model;
    if (!is_count && !member(body, "max_tokens")) return no("max_tokens: Field required");
    if (auto refused = read_count(body, "max_tokens", question.max_tokens, max_tokens)) {
        return refused;
    }
    if (auto refused = read_truth(body, "stream", question.stream)) return refused;
    if (auto refused = read_options(body, question, version)) return refused;
    if (auto refused = read_system(body, question)) return refused;
    return read_messages(body, question);
}

}  // namespace

std::variant<Question, NoQuestion> question_of(
    std::string_view text, std::string_view version, Task task
) {
    if (version.empty()) return no("anthropic-version: header is required");
    if (!is_day(version)) return no("anthropic-version: this is not a valid version");
    Json body;
    if (auto refused = parse_body(text, body)) return std::move(*refused);
    Question question{.api = Api::anthropic, .task = task};
    if (auto refused = read(body, version, question)) return std::move(*refused);
    return question;
}

}  // namespace skein::mock::anthropic
