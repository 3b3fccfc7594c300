// The members of the body, in the order of the documents. Invariant: no member is written that the
// API does not know, because each such member is an error there. Pure; any thread.
#include "dialect/responses/question_writer.hpp"

#include "dialect/request/body.hpp"
#include "dialect/responses/input_writer.hpp"
#include "json/object_text.hpp"

namespace skein::response {
namespace {

using json::add_comma;
using json::add_name;
using json::add_number;
using json::add_text;
using json::add_value;

void add_flag(std::string& out, std::string_view name, bool flag) {
    add_name(out, name);
    out += flag ? "true" : "false";
}

// The same member under another name, or under its own.
void add_other(
    std::string& out, const Question& question, std::string_view name, std::string_view as = {}
) {
    const auto* value = question.other(name);
    if (value) add_value(out, as.empty() ? name : as, *value);
}

// `text` says how the answer is to look.
void add_format(std::string& out, const AnswerFormat& format) {
    add_name(out, "format");
    out += '{';
    if (format.kind == AnswerFormat::Kind::json_object) {
        add_text(out, "type", "json_object");
    } else {
        add_text(out, "type", "json_schema");
        // The API wants a name.
        add_text(out, "name", format.name.empty() ? "answer" : format.name);
        if (!format.description.empty()) add_text(out, "description", format.description);
        if (format.schema) add_value(out, "schema", *format.schema);
        if (format.strict) add_flag(out, "strict", *format.strict);
    }
    out += '}';
}

void add_text_options(std::string& out, const Question& question) {
    const bool has_format = question.format && question.format->kind != AnswerFormat::Kind::text;
    if (!has_format && !question.other("verbosity")) return;
    add_name(out, "text");
    out += '{';
    if (has_format) add_format(out, *question.format);
    add_other(out, question, "verbosity");
    out += '}';
}

void add_reasoning(std::string& out, const Question& question) {
    if (!question.other("reasoning_effort")) return;
    add_name(out, "reasoning");
    out += '{';
    add_other(out, question, "reasoning_effort", "effort");
    out += '}';
}

// What is required and not said is written as a chat has it: there a function takes no parameters
// and is not strict, while here it would be strict.
void add_tool(std::string& out, const Tool& tool) {
    add_comma(out);
    out += '{';
    add_text(out, "type", "function");
    add_text(out, "name", tool.name);
    if (!tool.description.empty()) add_text(out, "description", tool.description);
    if (tool.parameters) {
        add_value(out, "parameters", *tool.parameters);
    } else {
        add_name(out, "parameters");
        out += R"({"type":"object","properties":{}})";
    }
    add_flag(out, "strict", tool.strict.value_or(false));
    out += '}';
}

void add_tools(std::string& out, const Question& question) {
    if (question.tools.empty()) return;
    add_name(out, "tools");
    out += '[';
    for (const auto& tool : question.tools) add_tool(out, tool);
    out += ']';
}

void add_tool_choice(std::string& out, const ToolChoice& choice) {
    switch (choice.kind) {
        case ToolChoice::Kind::none:
            return add_text(out, "tool_choice", "none");
        case ToolChoice::Kind::automatic:
            return add_text(out, "tool_choice", "auto");
        case ToolChoice::Kind::required:
            return add_text(out, "tool_choice", "required");
        case ToolChoice::Kind::function:
            break;
    }
    add_name(out, "tool_choice");
    out += '{';
    add_text(out, "type", "function");
    add_text(out, "name", choice.name);
    out += '}';
}

void add_logprobs(std::string& out, const Question& question) {
    bool wanted = false;
    std::int64_t others = 0;
    const auto* flag = question.other("logprobs");
    const auto* count = question.other("top_logprobs");
    if (flag && flag->get(wanted)) wanted = false;
    if (count && count->get(others)) others = 0;
    if (others > 0) add_number(out, "top_logprobs", others);
    if (!wanted && others == 0) return;
    add_name(out, "include");
    out += R"(["message.output_text.logprobs"])";
}

// Without `store: false` the maker keeps the answer, which a chat does not ask for.
void add_keeping(std::string& out, const Question& question) {
    add_other(out, question, "metadata");
    add_other(out, question, "service_tier");
    add_other(out, question, "prompt_cache_key");
    add_other(out, question, "prompt_cache_retention");
    add_other(
        out,
        question,
        question.other("safety_identifier") ? "safety_identifier" : "user",
        "safety_identifier"
    );
    if (question.other("store")) {
        add_other(out, question, "store");
    } else {
        add_flag(out, "store", false);
    }
}

}  // namespace

std::string written_question(
    const Endpoint& endpoint, const Prepared& request, const Question& question
) {
    std::string out;
    out.reserve(request.body.size() + request.body.size() / 8 + 256);
    begin_body(out, endpoint.model.empty() ? request.model : endpoint.model);
    add_input(out, question.turns);
    const auto limit = question.max_tokens.value_or(endpoint.max_tokens);
    if (question.max_tokens || limit > 0) add_number(out, "max_output_tokens", limit);
    add_other(out, question, "temperature");
    add_other(out, question, "top_p");
    add_text_options(out, question);
    add_reasoning(out, question);
    add_tools(out, question);
    if (question.tool_choice) add_tool_choice(out, *question.tool_choice);
    if (question.parallel_calls) add_flag(out, "parallel_tool_calls", *question.parallel_calls);
    add_logprobs(out, question);
    add_keeping(out, question);
    if (request.stream) add_flag(out, "stream", true);
    return out += '}';
}

}  // namespace skein::response
