// Writes a Response as a `chat.completion`. Invariant: a Response that failed, or is not finished,
// is never an answer, whatever it says. Pure; any thread.
#include "dialect/responses/answer_translator.hpp"

#include "dialect/http/error_body.hpp"
#include "dialect/responses/output.hpp"
#include "dialect/responses/usage.hpp"
#include "json/object_text.hpp"

namespace skein::response {
namespace {

using json::add_name;
using json::add_text;
using json::Element;

bool is_response(Element root) {
    return json::text_or_empty(root, "object") == "response" || json::list_member(root, "output");
}

std::string error_called(std::string_view code, std::string_view words) {
    std::string error = R"({"error":{)";
    add_text(error, "code", code);
    add_text(error, "message", words);
    return error += "}}";
}

// Content is null only beside calls or a refusal: an empty answer is an answer.
void add_message(std::string& out, const Said& said) {
    add_name(out, "message");
    out += '{';
    add_text(out, "role", "assistant");
    if (said.text.empty() && (!said.calls.empty() || !said.refusal.empty())) {
        add_name(out, "content");
        out += "null";
    } else {
        add_text(out, "content", said.text);
    }
    if (!said.refusal.empty()) add_text(out, "refusal", said.refusal);
    const auto& reasoning = said.reasoning.empty() ? said.summary : said.reasoning;
    if (!reasoning.empty()) add_text(out, "reasoning_content", reasoning);
    if (!said.calls.empty()) out.append(R"(,"tool_calls":[)").append(said.calls).append("]");
    out += '}';
}

void add_head(std::string& out, Element response) {
    for (const auto name : {"id", "model", "service_tier"}) {
        if (const auto text = json::text_member(response, name)) add_text(out, name, *text);
    }
    add_text(out, "object", "chat.completion");
    const auto created = json::whole_member(response, "created_at");
    if (created) json::add_number(out, "created", *created);
}

}  // namespace

std::optional<std::string> error_of(Element response, std::string_view status) {
    const auto error = error_in(response) ? json::member(response, "error") : std::nullopt;
    if (error) return R"({"error":)" + json::one_line(*error) + '}';
    if (status == "failed") return error_called("server_error", "the response failed");
    if (status == "cancelled") return error_called("server_error", "the response was cancelled");
    return std::nullopt;
}

std::string_view native_reason(Element response, std::string_view status) {
    if (status != "incomplete") return status;
    const auto details = json::member(response, "incomplete_details");
    const auto reason = details ? json::text_or_empty(*details, "reason") : std::string_view{};
    return reason.empty() ? status : reason;
}

// A function that is called ends an answer as a text does, so that the calls tell the difference.
void add_reason(std::string& choice, Element response, std::string_view status, bool has_calls) {
    const auto native = native_reason(response, status);
    auto reason = native;
    if (native == "completed") reason = has_calls ? "tool_calls" : "stop";
    if (native == "max_output_tokens") reason = "length";
    if (reason.empty()) {
        add_name(choice, "finish_reason");
        choice += "null";
        return;
    }
    add_text(choice, "finish_reason", reason);
    if (reason != native) add_text(choice, "native_finish_reason", native);
}

std::optional<std::string> common_answer(Element root) {
    if (!is_response(root)) return std::nullopt;
    return common_answer(root, json::text_or_empty(root, "status"));
}

std::optional<std::string> common_answer(Element response, std::string_view status) {
    if (auto error = error_of(response, status)) return error;
    const auto output = json::list_member(response, "output");
    if (!output || status == "queued" || status == "in_progress") return std::nullopt;
    const auto said = said_in(*output);
    std::string out = "{";
    add_head(out, response);
    out += R"(,"choices":[{"index":0)";
    add_message(out, said);
    if (!said.logprobs.empty()) {
        out.append(R"(,"logprobs":{"content":[)").append(said.logprobs).append("]}");
    }
    add_reason(out, response, status, !said.calls.empty());
    out += "}]";
    add_usage(out, response);
    return out += '}';
}

}  // namespace skein::response
