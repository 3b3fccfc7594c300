#include "dialect/responses/output.hpp"

#include "json/object_text.hpp"

namespace skein::response {
namespace {

using json::Element;

void read_part(Element part, Said& said) {
    const auto type = json::text_or_empty(part, "type");
    if (type == "refusal") said.refusal += json::text_or_empty(part, "refusal");
    if (type != "output_text") return;
    said.text += json::text_or_empty(part, "text");
    const auto logprobs = json::list_member(part, "logprobs");
    if (!logprobs) return;
    for (const auto logprob : *logprobs) {
        if (!said.logprobs.empty()) said.logprobs += ',';
        said.logprobs += json::one_line(logprob);
    }
}

// What the model remarks on its way to the answer is commentary, and no part of it.
void read_message(Element message, Said& said) {
    if (json::text_or_empty(message, "phase") == "commentary") return;
    said.text += json::text_or_empty(message, "content");  // Some servers give a text.
    for_each_part(message, [&](Element part) { read_part(part, said); });
}

void add_paragraph(std::string& text, std::string_view more) {
    if (!text.empty() && !more.empty()) text += "\n\n";
    text += more;
}

void read_reasoning(Element item, Said& said) {
    for_each_part(item, [&](Element part) { said.reasoning += json::text_or_empty(part, "text"); });
    const auto parts = json::list_member(item, "summary");
    if (!parts) return;
    for (const auto part : *parts) add_paragraph(said.summary, json::text_or_empty(part, "text"));
}

// `call_id` is what a result refers to; `id` names the item.
void read_call(Element item, std::string& calls) {
    const auto id = json::text_member(item, "call_id");
    const auto arguments = json::member(item, "arguments");
    json::add_comma(calls);
    calls += '{';
    json::add_text(calls, "id", id ? *id : json::text_or_empty(item, "id"));
    json::add_text(calls, "type", "function");
    json::add_name(calls, "function");
    calls += '{';
    json::add_text(calls, "name", json::text_or_empty(item, "name"));
    const bool is_value = arguments && !arguments->is_string();
    json::add_text(
        calls,
        "arguments",
        is_value ? json::one_line(*arguments) : std::string{json::text_or_empty(item, "arguments")}
    );
    calls += "}}";
}

}  // namespace

Said said_in(simdjson::dom::array output) {
    Said said;
    for (const auto item : output) {
        const auto type = json::text_or_empty(item, "type");
        if (type == "message") {
            read_message(item, said);
        } else if (type == "reasoning") {
            read_reasoning(item, said);
        } else if (type == "function_call") {
            read_call(item, said.calls);
        }
    }
    return said;
}

}  // namespace skein::response
