// Writes the answer to a question as a message, or as the events of one. Every member that the
// official types require is there, null where there is nothing. Pure; any thread.
#include "mock_server/anthropic/answer.hpp"

#include "json/text.hpp"

namespace skein::mock::anthropic {
namespace {

std::string event(std::string_view name, std::string_view members) {
    std::string text = "event: ";
    ((text += name) += "\ndata: {\"type\":\"") += name;
    ((text += '"') += members) += "}\n\n";
    return text;
}

std::string text_block(std::string_view text) {
    std::string block = R"({"type":"text","text":)";
    json::append_string(block, text);
    return block += R"(,"citations":null})";
}

// An answer without text has no block at all.
class MessageWriter {
public:
    explicit MessageWriter(const Question& question)
        : question_{question}, completion_{completion_of(question, 0)} {
        answer_.request_id = "req_" + id_of(question);
        answer_.prompt_tokens = tokens_of_prompt(question);
        answer_.completion_tokens = completion_.ends.size();
    }

    Answer whole() {
        const auto content = completion_.text.empty() ? "" : text_block(completion_.text);
        answer_.body = message(content, reason(), answer_.completion_tokens);
        return std::move(answer_);
    }

    // The ping comes after the start of the first block.
    Answer stream() {
        using Kind = Frame::Kind;
        add(Kind::opening, "message_start", R"(,"message":)" + message("", "null", 1));
        if (!completion_.text.empty()) {
            add(Kind::opening,
                "content_block_start",
                R"(,"index":0,"content_block":)" + text_block(""));
            add(Kind::opening, "ping", "");
            for (std::size_t token = 0; token < completion_.ends.size(); ++token) add_token(token);
            add(Kind::closing, "content_block_stop", R"(,"index":0)");
        }
        add(Kind::finish, "message_delta", ending());
        add(Kind::done, "message_stop", "");
        return std::move(answer_);
    }

private:
    std::string reason() const { return completion_.cut ? R"("max_tokens")" : R"("end_turn")"; }

    // The whole usage, of which the end of a stream repeats a part.
    std::string message(
        std::string_view content, std::string_view reason, std::uint64_t output_tokens
    ) const {
        auto text = R"({"id":"msg_)" + id_of(question_);
        text += R"(","type":"message","role":"assistant","model":)";
        json::append_string(text, question_.model);
        (text += R"(,"content":[)") += content;
        (text += R"(],"stop_reason":)") += reason;
        text += R"(,"stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,)"
                R"("usage":{)";
        text += counts(output_tokens);
        text +=
            R"(,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},)"
            R"("inference_geo":null,"service_tier":"standard","speed":"standard"}})";
        return text;
    }

    std::string counts(std::uint64_t output_tokens) const {
        return R"("input_tokens":)" + std::to_string(answer_.prompt_tokens) +
               R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)" +
               std::to_string(output_tokens) +
               R"(,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":null)";
    }

    std::string ending() const {
        return R"(,"delta":{"stop_reason":)" + reason() +
               R"(,"stop_sequence":null,"stop_details":null,"container":null},"usage":{)" +
               counts(answer_.completion_tokens) + "}";
    }

    void add_token(std::size_t token) {
        const auto from = token == 0 ? 0 : completion_.ends[token - 1];
        std::string members = R"(,"index":0,"delta":{"type":"text_delta","text":)";
        json::append_string(
            members, std::string_view{completion_.text}.substr(from, completion_.ends[token] - from)
        );
        add(Frame::Kind::token, "content_block_delta", members += '}');
    }

    void add(Frame::Kind kind, std::string_view name, std::string_view members) {
        answer_.frames.push_back({kind, event(name, members)});
    }

    const Question& question_;
    Completion completion_;
    Answer answer_{};
};

}  // namespace

Answer answer_to(const Question& question) {
    MessageWriter writer{question};
    return question.stream ? writer.stream() : writer.whole();
}

std::string models_text() {
    return R"({"data":[{"type":"model","id":"mock","display_name":"Mock",)"
           R"("created_at":"2023-11-14T22:13:20Z","deprecated_at":null,"retires_at":null,)"
           R"("lifecycle":"active","line":null,"capabilities":null,"max_input_tokens":null,)"
           R"("max_tokens":null}],"has_more":false,"first_id":"mock","last_id":"mock"})";
}

}  // namespace skein::mock::anthropic
