// Writes a chat from the common form. Invariant: a member is written, or says nothing, or is
// refused by its name; nothing is left out in silence.
#include "dialect/gemini/question_writer.hpp"

#include "dialect/gemini/members.hpp"
#include "dialect/gemini/turn_writer.hpp"
#include "dialect/request/question.hpp"

#include <algorithm>
#include <array>

namespace skein::google {
namespace {

using json::Element;

// A member and another name for it, or a word and another word.
struct Pair {
    std::string_view common;
    std::string_view native;
};

// Members whose values are copied as they are.
constexpr std::array copied{
    Pair{"temperature", "temperature"},
    Pair{"top_p", "topP"},
    Pair{"top_k", "topK"},
    Pair{"seed", "seed"},
    Pair{"n", "candidateCount"},
    Pair{"presence_penalty", "presencePenalty"},
    Pair{"frequency_penalty", "frequencyPenalty"},
    Pair{"top_logprobs", "logprobs"},
};

// `store` asks to keep the answer or not. Gemini keeps none, so nothing is lost without it.
constexpr std::array<std::string_view, 4> read_apart{
    "logprobs", "reasoning_effort", "service_tier", "store"};

constexpr std::array levels{
    Pair{"minimal", "MINIMAL"},
    Pair{"low", "LOW"},
    Pair{"medium", "MEDIUM"},
    Pair{"high", "HIGH"},
};

constexpr std::array<std::string_view, 3> tiers{"flex", "standard", "priority"};

bool is_known(std::string_view name) {
    return std::ranges::find(copied, name, &Pair::common) != copied.end() ||
           std::ranges::find(read_apart, name) != read_apart.end();
}

Refusal refusal_of_members(const Question& question) {
    for (const auto& [name, value] : question.others) {
        if (!is_known(name)) return cannot_be_asked_for(name);
    }
    if (question.parallel_calls == false) {
        return cannot_be_asked_for("parallel_tool_calls", "false");
    }
    return std::nullopt;
}

void write_stop(const Question& question, std::string& config) {
    if (question.stop.empty()) return;
    add_name(config, "stopSequences");
    config += '[';
    for (const auto word : question.stop) {
        add_comma(config);
        json::append_string(config, word);
    }
    config += ']';
}

Refusal write_logprobs(const Question& question, std::string& config) {
    const auto* given = question.other("logprobs");
    bool flag = false;
    if (!given) return std::nullopt;
    if (given->get(flag)) return cannot_be_asked_for("logprobs", json::one_line(*given));
    if (!flag) return std::nullopt;
    add_name(config, "responseLogprobs");
    config += "true";
    return std::nullopt;
}

void write_format(const Question& question, std::string& config) {
    if (!question.format || question.format->kind == AnswerFormat::Kind::text) return;
    add_text(config, "responseMimeType", "application/json");
    if (question.format->schema) add_value(config, "responseJsonSchema", *question.format->schema);
}

Refusal write_effort(const Question& question, std::string& config) {
    const auto* given = question.other("reasoning_effort");
    if (!given) return std::nullopt;
    std::string_view word;
    const bool is_text = !given->get(word);
    const auto level = std::ranges::find(levels, word, &Pair::common);
    if (word == "none") {
        add_name(config, "thinkingConfig");
        config += R"({"thinkingBudget":0})";
    } else if (level != levels.end()) {
        add_name(config, "thinkingConfig");
        config += '{';
        add_text(config, "thinkingLevel", level->native);
        config += '}';
    } else {
        return cannot_be_asked_for(
            "reasoning_effort", is_text ? std::string{word} : json::one_line(*given)
        );
    }
    return std::nullopt;
}

Refusal write_config(const Endpoint& endpoint, const Question& question, std::string& body) {
    std::string config = "{";
    for (const auto& [common, native] : copied) {
        if (const auto* given = question.other(common)) add_value(config, native, *given);
    }
    const auto max_tokens = question.max_tokens.value_or(endpoint.max_tokens);
    if (question.max_tokens || max_tokens > 0) add_number(config, "maxOutputTokens", max_tokens);
    write_stop(question, config);
    if (auto wrong = write_logprobs(question, config)) return wrong;
    write_format(question, config);
    if (auto wrong = write_effort(question, config)) return wrong;
    if (config == "{") return std::nullopt;
    add_name(body, "generationConfig");
    body += config += '}';
    return std::nullopt;
}

void write_tools(const Question& question, std::string& body) {
    if (question.tools.empty()) return;
    add_name(body, "tools");
    body += R"([{"functionDeclarations":[)";
    for (const auto& tool : question.tools) {
        add_comma(body);
        body += '{';
        add_text(body, "name", tool.name);
        if (!tool.description.empty()) add_text(body, "description", tool.description);
        if (tool.parameters) add_value(body, "parametersJsonSchema", *tool.parameters);
        body += '}';
    }
    body += "]}]";
}

std::string_view mode_of(ToolChoice::Kind kind) {
    switch (kind) {
        case ToolChoice::Kind::none:
            return "NONE";
        case ToolChoice::Kind::automatic:
            return "AUTO";
        case ToolChoice::Kind::required:
        case ToolChoice::Kind::function:
            break;
    }
    return "ANY";
}

void write_tool_choice(const Question& question, std::string& body) {
    if (!question.tool_choice) return;
    add_name(body, "toolConfig");
    body += R"({"functionCallingConfig":{)";
    add_text(body, "mode", mode_of(question.tool_choice->kind));
    if (question.tool_choice->kind == ToolChoice::Kind::function) {
        add_name(body, "allowedFunctionNames");
        body += '[';
        json::append_string(body, question.tool_choice->name);
        body += ']';
    }
    body += "}}";
}

Refusal write_tier(const Question& question, std::string& body) {
    const auto* given = question.other("service_tier");
    if (!given) return std::nullopt;
    std::string_view word;
    if (given->get(word) || std::ranges::find(tiers, word) == tiers.end()) {
        return cannot_be_asked_for(
            "service_tier", word.empty() ? json::one_line(*given) : std::string{word}
        );
    }
    add_text(body, "serviceTier", word);
    return std::nullopt;
}

}  // namespace

Refusal write_chat(const Endpoint& endpoint, const Prepared& request, std::string& body) {
    const auto taken = take_apart(request.body, endpoint.drop);
    if (taken.has_error()) return taken.error();
    const auto& question = *taken;
    if (auto wrong = refusal_of_members(question)) return wrong;
    body = "{";
    if (auto wrong = write_turns(question.turns, body)) return wrong;
    if (auto wrong = write_config(endpoint, question, body)) return wrong;
    write_tools(question, body);
    write_tool_choice(question, body);
    if (auto wrong = write_tier(question, body)) return wrong;
    body += '}';
    return std::nullopt;
}

}  // namespace skein::google
