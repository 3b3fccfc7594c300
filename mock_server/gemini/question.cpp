// Parses and checks a body of the Gemini API. Pure; any thread.
#include "mock_server/gemini/question.hpp"

#include "mock_server/gemini/contents.hpp"

#include <limits>

namespace skein::mock::gemini {
namespace {

constexpr std::uint64_t max_output = 1'000'000;
constexpr std::uint64_t max_candidates = 8;
constexpr std::uint64_t max_size = 4096;  // Of an embedding.
constexpr std::size_t max_inputs = 100;
constexpr std::string_view known_of_body =
    "model contents systemInstruction generationConfig tools toolConfig safetySettings "
    "cachedContent serviceTier labels store continuationToken";
constexpr std::string_view known_of_config =
    "temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty "
    "frequencyPenalty responseMimeType responseSchema responseJsonSchema responseFormat "
    "responseModalities responseLogprobs logprobs thinkingConfig mediaResolution speechConfig "
    "imageConfig audioTimestamp audioTranscriptionConfig enableAffectiveDialog "
    "enableEnhancedCivicAnswers modelSelectionConfig routingConfig translationConfig";

Refused read_number(
    const Json& object, std::string_view name, std::uint64_t& place, std::uint64_t max
) {
    const auto* value = either_member(object, name);
    if (!value) return std::nullopt;
    if (!value->is_number_unsigned() || *value < 1u || *value > max) {
        return no(
            "* GenerateContentRequest.generation_config." + std::string{name} +
            ": must be a whole number from 1 to " + std::to_string(max)
        );
    }
    place = value->get<std::uint64_t>();
    return std::nullopt;
}

Refused check_range(const Json& config, std::string_view name, double min, double max) {
    const auto* value = either_member(config, name);
    if (!value || (value->is_number() && *value >= min && *value <= max)) return std::nullopt;
    return no(
        "* GenerateContentRequest.generation_config." + std::string{name} +
        ": the value is out of range or no number"
    );
}

Refused check_stops(const Json& config) {
    const auto* stops = either_member(config, "stopSequences");
    if (!stops) return std::nullopt;
    if (!stops->is_array() || stops->size() > 5) {
        return no("* GenerateContentRequest.generation_config.stop_sequences: 5 texts at most");
    }
    for (const auto& stop : *stops) {
        if (!stop.is_string()) return no("Invalid value at 'generation_config.stop_sequences'");
    }
    return std::nullopt;
}

// Only where they are asked for, thoughts are shown.
Refused read_thinking(const Json& config, Question& question) {
    const auto* thinking = either_member(config, "thinkingConfig");
    if (!thinking) return std::nullopt;
    if (!thinking->is_object()) return no("Invalid value at 'generation_config.thinking_config'");
    constexpr std::string_view members = "includeThoughts thinkingBudget thinkingLevel";
    constexpr std::string_view where = "generation_config.thinking_config";
    if (auto refused = only(*thinking, members, where)) return refused;
    const auto* shown = either_member(*thinking, "includeThoughts");
    question.thinks = shown && shown->is_boolean() && shown->get<bool>();
    return std::nullopt;
}

// The names of all functions that are declared.
Refused read_functions(const Json& body, std::vector<std::string>& names) {
    const auto* tools = either_member(body, "tools");
    if (!tools) return std::nullopt;
    for (const auto& tool : *tools) {
        if (!tool.is_object()) return no("Invalid value at 'tools'");
        const auto* functions = either_member(tool, "functionDeclarations");
        if (!functions) continue;
        if (!functions->is_array()) return no("Invalid value at 'tools.function_declarations'");
        for (const auto& function : *functions) {
            const auto* name = function.is_object() ? text_member(function, "name") : nullptr;
            if (!name) {
                return no("* GenerateContentRequest.tools.function_declarations.name: is missing");
            }
            names.push_back(*name);
        }
    }
    return std::nullopt;
}

// With the mode ANY a function must be called: the first that is allowed, or the first of all. With
// AUTO the mock server never calls one.
Refused read_call(const Json& body, Question& question) {
    std::vector<std::string> names;
    if (auto refused = read_functions(body, names)) return refused;
    const auto* config = either_member(body, "toolConfig");
    const auto* calling =
        config && config->is_object() ? either_member(*config, "functionCallingConfig") : nullptr;
    const auto* mode = calling && calling->is_object() ? text_member(*calling, "mode") : nullptr;
    if (!mode) return std::nullopt;
    if (!is_word_of("AUTO ANY NONE VALIDATED", *mode)) {
        return no("Invalid value at 'tool_config.function_calling_config.mode'");
    }
    const auto* allowed = either_member(*calling, "allowedFunctionNames");
    if (allowed && (*mode == "AUTO" || *mode == "NONE")) {
        return no("Allowed function names may only be set with the mode ANY");
    }
    if (*mode != "ANY") return std::nullopt;
    if (names.empty()) return no("Function calling config is set without function_declarations");
    question.call = names.front();
    if (!allowed || !allowed->is_array() || allowed->empty()) return std::nullopt;
    for (const auto& name : names) {
        if (allowed->front() != name) continue;
        question.call = name;
        return std::nullopt;
    }
    return no("allowed_function_names should be a subset of the functions declared");
}

Refused read_config(const Json& body, Question& question) {
    const auto* config = either_member(body, "generationConfig");
    if (!config) return std::nullopt;
    if (!config->is_object()) return no("Invalid value at 'generation_config'");
    if (auto refused = only(*config, known_of_config, "generation_config")) return refused;
    if (auto refused = read_number(*config, "maxOutputTokens", question.max_tokens, max_output)) {
        return refused;
    }
    if (auto refused = read_number(*config, "candidateCount", question.choices, max_candidates)) {
        return refused;
    }
    if (auto refused = read_thinking(*config, question)) return refused;
    constexpr auto seed_end = std::numeric_limits<std::int32_t>::max();
    if (auto refused = check_range(*config, "temperature", 0, 2)) return refused;
    if (auto refused = check_range(*config, "topP", 0, 1)) return refused;
    if (auto refused = check_range(*config, "seed", -1.0 - seed_end, seed_end)) return refused;
    return check_stops(*config);
}

Refused read_instruction(const Json& body, Question& question) {
    const auto* instruction = either_member(body, "systemInstruction");
    if (!instruction) return std::nullopt;
    if (!instruction->is_object()) return no("Invalid value at 'system_instruction'");
    if (auto refused = only(*instruction, "role parts", "system_instruction")) return refused;
    Parts parts;
    if (auto refused = read_parts(*instruction, "system_instruction", parts)) return refused;
    question.say("system", std::move(parts.text));
    return std::nullopt;
}

// A content without a role is the user's. The model is called `assistant`, as at OpenAI, so that
// the same conversation has the same hash.
Refused read_contents(const Json& body, Question& question) {
    const auto* contents = member(body, "contents");
    if (!contents || !contents->is_array() || contents->empty()) {
        return no("* GenerateContentRequest.contents: contents is not specified");
    }
    for (const auto& content : *contents) {
        if (!content.is_object()) return no("Invalid value at 'contents'");
        if (auto refused = only(content, "role parts", "contents")) return refused;
        const auto* role = member(content, "role");
        if (role && *role != "user" && *role != "model") {
            return no("Please use a valid role: user, model.");
        }
        Parts parts;
        if (auto refused = read_parts(content, "contents", parts)) return refused;
        for (auto& result : parts.results) question.say("tool", std::move(result));
        if (!parts.has_others) continue;
        question.say(role && *role == "model" ? "assistant" : "user", std::move(parts.text));
    }
    return std::nullopt;
}

Refused read_chat(const Json& body, Question& question) {
    if (auto refused = only(body, known_of_body)) return refused;
    for (const auto* name : {"tools", "safetySettings"}) {
        const auto* list = either_member(body, name);
        if (list && !list->is_array()) return no("Invalid value at '" + std::string{name} + "'");
    }
    if (auto refused = read_config(body, question)) return refused;
    if (auto refused = read_call(body, question)) return refused;
    if (auto refused = read_instruction(body, question)) return refused;
    return read_contents(body, question);
}

// Either the contents alone, or a whole request, which names the model again.
Refused read_count_request(const Json& body, Question& question) {
    if (auto refused = only(body, "contents generateContentRequest")) return refused;
    const auto* request = either_member(body, "generateContentRequest");
    if (!request) return read_contents(body, question);
    if (body.size() != 1) return no("contents and generate_content_request exclude each other");
    if (!request->is_object()) return no("Invalid value at 'generate_content_request'");
    const auto* model = text_member(*request, "model");
    if (!model || *model != "models/" + question.model) {
        return no("* CountTokensRequest.generate_content_request.model: must be that of the path");
    }
    return read_chat(*request, question);
}

// Each request names the model again, and it must be that of the path.
Refused read_input(const Json& request, bool first, Question& question) {
    if (!request.is_object()) return no("Invalid value at 'requests'");
    constexpr std::string_view members = "model content taskType title outputDimensionality";
    if (auto refused = only(request, members, "requests")) return refused;
    const auto* model = text_member(request, "model");
    if (!model || *model != "models/" + question.model) {
        return no("* BatchEmbedContentsRequest.requests.model: must be that of the path");
    }
    const auto* content = member(request, "content");
    if (!content || !content->is_object()) {
        return no("* BatchEmbedContentsRequest.requests.content: content is not specified");
    }
    Parts parts;
    if (auto refused = read_parts(*content, "requests.content", parts)) return refused;
    auto size = Question{}.dimensions;
    if (auto refused = read_number(request, "outputDimensionality", size, max_size)) return refused;
    // Google allows sizes that differ; the mock server has one for all of a question.
    if (!first && size != question.dimensions) {
        return no("the mock server has one outputDimensionality for all requests of a batch");
    }
    question.dimensions = size;
    (question.prompt += parts.text) += '\n';
    question.inputs.push_back(std::move(parts.text));
    return std::nullopt;
}

Refused read_embedding(const Json& body, Question& question) {
    if (auto refused = only(body, "requests")) return refused;
    const auto* requests = member(body, "requests");
    if (!requests || !requests->is_array() || requests->empty()) {
        return no("* BatchEmbedContentsRequest.requests: requests is not specified");
    }
    if (requests->size() > max_inputs) {
        return no("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch");
    }
    for (const auto& request : *requests) {
        if (auto refused = read_input(request, question.inputs.empty(), question)) return refused;
    }
    return std::nullopt;
}

}  // namespace

std::variant<Question, NoQuestion> question_of(
    Task task, const std::string& model, bool stream, std::string_view text
) {
    Json body;
    if (auto refused = parse_body(text, body)) return std::move(*refused);
    Question question{.api = Api::gemini, .task = task, .model = model, .stream = stream};
    auto refused = task == Task::embedding ? read_embedding(body, question)
                   : task == Task::count   ? read_count_request(body, question)
                                           : read_chat(body, question);
    if (refused) return std::move(*refused);
    return question;
}

}  // namespace skein::mock::gemini
