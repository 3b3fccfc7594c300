#include "dialect/gemini/candidate.hpp"

#include "base/ascii.hpp"
#include "dialect/gemini/logprobs.hpp"
#include "dialect/gemini/members.hpp"
#include "dialect/gemini/reason.hpp"

namespace skein::google {
namespace {

using json::Element;

// What the parts of a candidate say.
struct Said {
    bool has_parts = false;
    std::string text{};
    std::string thoughts{};
    std::string calls{};  // The elements of `tool_calls`.
};

// A call comes whole, in a stream as well. The signature must come back with the call, so it is
// kept where Google's own OpenAI-like address puts it.
void add_call(Said& said, Element call, Element part, Place& place) {
    auto& out = said.calls;
    add_comma(out);
    out += '{';
    if (place.is_streamed) add_number(out, "index", static_cast<std::int64_t>(place.calls));
    const auto id = json::text_or_empty(call, "id");
    add_text(out, "id", id.empty() ? "call_" + std::to_string(place.calls) : std::string{id});
    out += R"(,"type":"function","function":{)";
    add_text(out, "name", json::text_or_empty(call, "name"));
    const auto arguments = json::member(call, "args");
    add_text(out, "arguments", arguments ? json::one_line(*arguments) : "{}");
    out += '}';
    if (const auto signature = json::text_or_empty(part, "thoughtSignature"); !signature.empty()) {
        out += R"(,"extra_content":{"google":{)";
        add_text(out, "thought_signature", signature);
        out += "}}";
    }
    out += '}';
    ++place.calls;
}

// Parts of other kinds, such as code that was executed, have no place in the common form.
void read_part(Element part, Said& said, Place& place) {
    if (const auto call = json::member(part, "functionCall"); call && call->is_object()) {
        add_call(said, *call, part, place);
    }
    bool is_thought = false;
    const auto thought = json::member(part, "thought");
    if (thought && thought->get(is_thought)) is_thought = false;
    (is_thought ? said.thoughts : said.text) += json::text_or_empty(part, "text");
}

// A candidate may have no content, and a content no parts: a thinking model may use up its tokens
// before it says a word.
Said read_candidate(Element candidate, Place& place) {
    Said said;
    const auto content = json::member(candidate, "content");
    const auto parts = content ? json::list_member(*content, "parts") : std::nullopt;
    if (!parts) return said;
    said.has_parts = true;
    for (const auto part : *parts) read_part(part, said, place);
    return said;
}

}  // namespace

// Without parts and without a reason a candidate says nothing, and is refused as an answer.
void add_choice(std::string& out, Element candidate, Place& place) {
    const auto said = read_candidate(candidate, place);
    const auto native = json::text_or_empty(candidate, "finishReason");
    const auto reason = common_reason(native, place.calls > 0);
    add_comma(out);
    out += '{';
    add_number(out, "index", place.index);
    add_name(out, place.is_streamed ? "delta" : "message");
    out += R"({"role":"assistant")";
    if (said.has_parts || !reason.empty()) add_text(out, "content", said.text);
    if (!said.thoughts.empty()) add_text(out, "reasoning_content", said.thoughts);
    if (!said.calls.empty()) {
        add_name(out, "tool_calls");
        out.append("[").append(said.calls) += ']';
    }
    out += '}';
    add_logprobs(out, candidate);
    if (!same_letters(native, reason)) add_text(out, "native_finish_reason", native);
    add_name(out, "finish_reason");
    reason.empty() ? void(out += "null") : json::append_string(out, reason);
    out += '}';
}

}  // namespace skein::google
