// Writes a message as a `chat.completion`. Blocks of unknown kinds are read over. Pure; any thread.
#include "dialect/anthropic/answer_translator.hpp"

#include "dialect/anthropic/stop_words.hpp"
#include "dialect/anthropic/token_counts.hpp"
#include "json/text.hpp"

namespace skein {
namespace {

using json::Element;

// What the blocks of a message say.
struct Said {
    std::string text{};
    std::string thinking{};
    std::string calls{};  // The elements of `tool_calls`, with commas.
};

void read_call(Element block, std::string& calls) {
    const auto input = json::member(block, "input");
    if (!calls.empty()) calls += ',';
    calls += R"({"id":)";
    json::append_string(calls, json::text_or_empty(block, "id"));
    calls += R"(,"type":"function","function":{"name":)";
    json::append_string(calls, json::text_or_empty(block, "name"));
    calls += R"(,"arguments":)";
    json::append_string(calls, input ? json::one_line(*input) : "{}");
    calls += "}}";
}

void read_block(Element block, Said& said) {
    const auto type = json::text_or_empty(block, "type");
    if (type == "text") {
        said.text += json::text_or_empty(block, "text");
    } else if (type == "thinking") {
        said.thinking += json::text_or_empty(block, "thinking");
    } else if (type == "tool_use") {
        read_call(block, said.calls);
    }
}

// Some servers give a text in place of one block of text.
std::optional<Said> said_in(Element root) {
    Said said;
    if (const auto text = json::text_member(root, "content")) {
        said.text = *text;
        return said;
    }
    const auto blocks = json::list_member(root, "content");
    if (!blocks) return std::nullopt;
    for (const auto block : *blocks) read_block(block, said);
    return said;
}

// Content is null only beside calls: an empty answer is an answer.
void append_said(std::string& out, const Said& said) {
    out += R"({"role":"assistant","content":)";
    if (said.text.empty() && !said.calls.empty()) {
        out += "null";
    } else {
        json::append_string(out, said.text);
    }
    if (!said.thinking.empty()) {
        out += R"(,"reasoning_content":)";
        json::append_string(out, said.thinking);
    }
    if (!said.calls.empty()) out.append(R"(,"tool_calls":[)").append(said.calls).append("]");
    out += '}';
}

}  // namespace

std::optional<std::string> common_answer(Element root) {
    if (json::text_or_empty(root, "type") != "message") return std::nullopt;
    const auto said = said_in(root);
    if (!said) return std::nullopt;
    std::string out = "{";
    for (const auto name : {"id", "model"}) {
        const auto text = json::text_member(root, name);
        if (!text) continue;
        out.append("\"").append(name).append("\":");
        json::append_string(out, *text);
        out += ',';
    }
    out += R"("object":"chat.completion","choices":[{"index":0,"message":)";
    append_said(out, *said);
    out += ',';
    append_finish_reason(out, json::text_or_empty(root, "stop_reason"));
    out += "}]";
    TokenCounts counts;
    counts.learn(root);
    counts.append_usage(out);
    return out += '}';
}

}  // namespace skein
