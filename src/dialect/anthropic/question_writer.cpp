// The members of the body, in the order of the documents. Invariant: no member is written that the
// API does not know, because each such member is an error there. Pure; any thread.
#include "dialect/anthropic/question_writer.hpp"

#include "dialect/anthropic/messages_writer.hpp"
#include "dialect/anthropic/weakened_schema.hpp"
#include "dialect/request/body.hpp"
#include "json/text.hpp"

namespace skein {
namespace {

using json::Element;

void begin_named(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ',';
    out.append("\"").append(name).append("\":");
}

void append_named(std::string& out, std::string_view name, std::string_view text) {
    begin_named(out, name);
    json::append_string(out, text);
}

void append_value(std::string& out, std::string_view name, Element value) {
    begin_named(out, name);
    out += json::one_line(value);
}

std::string_view text_of_other(const Question& question, std::string_view name) {
    std::string_view text;
    const auto* value = question.other(name);
    return value && !value->get(text) ? text : std::string_view{};
}

void append_stops(std::string& out, const Question& question) {
    if (question.stop.empty()) return;
    begin_named(out, "stop_sequences");
    out += '[';
    for (const auto word : question.stop) {
        if (out.back() != '[') out += ',';
        json::append_string(out, word);
    }
    out += ']';
}

void append_sampling(std::string& out, const Question& question) {
    for (const auto name : {"temperature", "top_p", "top_k"}) {
        if (const auto* value = question.other(name)) append_value(out, name, *value);
    }
}

// `reasoning_effort: none` is said by another member.
void append_output_config(std::string& out, const Question& question) {
    const auto effort = text_of_other(question, "reasoning_effort");
    const bool has_effort = !effort.empty() && effort != "none";
    const bool has_schema = question.format && question.format->schema;
    if (effort == "none") {
        begin_named(out, "thinking");
        out += R"({"type":"disabled"})";
    }
    if (!has_effort && !has_schema) return;
    begin_named(out, "output_config");
    out += '{';
    if (has_effort) append_named(out, "effort", effort);
    if (has_schema) {
        begin_named(out, "format");
        out += R"({"type":"json_schema")";
        begin_named(out, "schema");
        out += weakened_schema(*question.format->schema) + '}';
    }
    out += '}';
}

void append_tool(std::string& out, const Tool& tool) {
    out += '{';
    append_named(out, "name", tool.name);
    if (!tool.description.empty()) append_named(out, "description", tool.description);
    if (tool.parameters) {
        append_value(out, "input_schema", *tool.parameters);
    } else {
        out += R"(,"input_schema":{"type":"object"})";  // Required, also without parameters.
    }
    if (tool.strict) out += *tool.strict ? R"(,"strict":true)" : R"(,"strict":false)";
    out += '}';
}

void append_tools(std::string& out, const Question& question) {
    if (question.tools.empty()) return;
    begin_named(out, "tools");
    out += '[';
    for (const auto& tool : question.tools) {
        if (out.back() != '[') out += ',';
        append_tool(out, tool);
    }
    out += ']';
}

std::string_view type_of_choice(ToolChoice::Kind kind) {
    switch (kind) {
        case ToolChoice::Kind::none:
            return "none";
        case ToolChoice::Kind::required:
            return "any";
        case ToolChoice::Kind::function:
            return "tool";
        case ToolChoice::Kind::automatic:
            break;
    }
    return "auto";
}

// "One call at a time" has its place in the choice. It says nothing where no tool can be called.
void append_tool_choice(std::string& out, const Question& question) {
    const auto choice = question.tool_choice.value_or(ToolChoice{});
    const bool is_one_at_a_time = question.parallel_calls == false && !question.tools.empty() &&
                                  choice.kind != ToolChoice::Kind::none;
    if (!question.tool_choice && !is_one_at_a_time) return;
    begin_named(out, "tool_choice");
    out += '{';
    append_named(out, "type", type_of_choice(choice.kind));
    if (choice.kind == ToolChoice::Kind::function) append_named(out, "name", choice.name);
    if (is_one_at_a_time) out += R"(,"disable_parallel_tool_use":true)";
    out += '}';
}

void append_user(std::string& out, const Question& question) {
    auto user = text_of_other(question, "safety_identifier");
    if (user.empty()) user = text_of_other(question, "user");
    if (user.empty()) return;
    begin_named(out, "metadata");
    out += '{';
    append_named(out, "user_id", user);
    out += '}';
}

void append_tier(std::string& out, const Question& question) {
    const auto tier = text_of_other(question, "service_tier");
    if (tier.empty()) return;
    append_named(out, "service_tier", tier == "default" ? "standard_only" : tier);
}

// Ten minutes at 128,000 tokens an hour: above it the maker's client refuses to ask for a plain
// answer.
constexpr std::int64_t max_plain_tokens = 21'333;

}  // namespace

bool must_stream(const Endpoint& endpoint, const Prepared& request) {
    const auto limit = request.max_answered > 0 ? request.max_answered : endpoint.max_tokens;
    return !request.native && limit > max_plain_tokens;
}

std::string written_question(
    const Endpoint& endpoint, const Prepared& request, const Question& question
) {
    std::string out;
    out.reserve(request.body.size() + request.body.size() / 8 + 256);
    begin_body(out, endpoint.model.empty() ? request.model : endpoint.model);
    begin_named(out, "max_tokens");
    json::append_number(out, question.max_tokens.value_or(endpoint.max_tokens));
    append_turns(out, question);
    append_stops(out, question);
    append_sampling(out, question);
    append_output_config(out, question);
    append_tools(out, question);
    append_tool_choice(out, question);
    append_user(out, question);
    append_tier(out, question);
    if (request.stream || must_stream(endpoint, request)) out += R"(,"stream":true)";
    return out += '}';
}

}  // namespace skein
