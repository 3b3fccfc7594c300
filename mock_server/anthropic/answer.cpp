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

// The official types want `citations`, null or a list; a strict client takes a list alone.
std::string text_block(std::string_view text) {
    std::string block = R"({"type":"text","text":)";
    json::append_string(block, text);
    return block += R"(,"citations":[]})";
}

std::string thinking_block(std::string_view text, std::string_view signature) {
    std::string block = R"({"type":"thinking","thinking":)";
    json::append_string(block, text);
    return ((block += R"(,"signature":")") += signature) += R"("})";
}

std::string delta(std::string_view type, std::string_view name, std::string_view text) {
    std::string members = R"("delta":{"type":")";
    (((members += type) += R"(",")") += name) += R"(":)";
    json::append_string(members, text);
    return members += '}';
}

std::string_view token_of(const Completion& completion, std::size_t token) {
    const auto from = token == 0 ? 0 : completion.ends[token - 1];
    return std::string_view{completion.text}.substr(from, completion.ends[token] - from);
}

// An answer without text has no block for it.
class MessageWriter {
public:
    explicit MessageWriter(const Question& question)
        : question_{question},
          completion_{completion_of(question, 0)},
          thoughts_{thoughts_of(question)} {
        answer_.request_id = "req_" + id_of(question);
        answer_.prompt_tokens = tokens_of_prompt(question);
        answer_.completion_tokens = completion_.ends.size() + thoughts_.ends.size();
    }

    Answer whole() {
        std::string content;
        if (question_.thinks) content = thinking_block(thoughts_.text, signature());
        if (!completion_.text.empty()) {
            if (!content.empty()) content += ',';
            content += calls() ? call_block(completion_.text) : text_block(completion_.text);
        }
        answer_.body = message(content, reason(), answer_.completion_tokens);
        return std::move(answer_);
    }

    // The ping comes after the start of the first block. Thoughts are no tokens for the weather.
    Answer stream() {
        using Kind = Frame::Kind;
        add(Kind::opening, "message_start", R"(,"message":)" + message("", "null", 1));
        if (question_.thinks) add_thoughts();
        if (!completion_.text.empty()) {
            start_block(calls() ? call_block("{}") : text_block(""));
            for (std::size_t token = 0; token < completion_.ends.size(); ++token) add_token(token);
            add(Kind::closing, "content_block_stop", index());
        }
        add(Kind::finish, "message_delta", ending());
        add(Kind::done, "message_stop", "");
        return std::move(answer_);
    }

private:
    bool calls() const { return !question_.call.empty(); }
    std::string signature() const { return "c2lnbmVk" + id_of(question_); }
    std::string index() const { return R"(,"index":)" + std::to_string(block_); }

    // The arguments of a call are JSON here, and no text.
    std::string call_block(std::string_view input) const {
        std::string block = R"({"type":"tool_use","id":"toolu_)" + id_of(question_);
        block += R"(","name":)";
        json::append_string(block, question_.call);
        block += R"(,"input":)";
        return (block += input) += R"(,"caller":{"type":"direct"}})";
    }

    std::string reason() const {
        if (calls()) return R"("tool_use")";
        return completion_.cut ? R"("max_tokens")" : R"("end_turn")";
    }

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
               std::to_string(output_tokens) + R"(,"output_tokens_details":{"thinking_tokens":)" +
               std::to_string(thoughts_.ends.size()) + R"(},"server_tool_use":null)";
    }

    std::string ending() const {
        return R"(,"delta":{"stop_reason":)" + reason() +
               R"(,"stop_sequence":null,"stop_details":null,"container":null},"usage":{)" +
               counts(answer_.completion_tokens) + "}";
    }

    void start_block(std::string_view block) {
        auto members = index() + R"(,"content_block":)";
        add(Frame::Kind::opening, "content_block_start", members += block);
        if (block_ == 0) add(Frame::Kind::opening, "ping", "");
    }

    void add_delta(Frame::Kind kind, const std::string& delta) {
        add(kind, "content_block_delta", index() + ',' + delta);
    }

    void add_thoughts() {
        using Kind = Frame::Kind;
        start_block(thinking_block("", ""));
        for (std::size_t token = 0; token < thoughts_.ends.size(); ++token) {
            add_delta(
                Kind::opening, delta("thinking_delta", "thinking", token_of(thoughts_, token))
            );
        }
        add_delta(Kind::opening, delta("signature_delta", "signature", signature()));
        add(Kind::opening, "content_block_stop", index());
        ++block_;
    }

    void add_token(std::size_t token) {
        const auto text = token_of(completion_, token);
        add_delta(
            Frame::Kind::token,
            calls() ? delta("input_json_delta", "partial_json", text)
                    : delta("text_delta", "text", text)
        );
    }

    void add(Frame::Kind kind, std::string_view name, std::string_view members) {
        answer_.frames.push_back({kind, event(name, members)});
    }

    const Question& question_;
    Completion completion_;
    Completion thoughts_;
    std::size_t block_ = 0;  // The one that is being written.
    Answer answer_{};
};

}  // namespace

Answer answer_to(const Question& question) {
    if (question.task == Task::count) {
        return {
            .request_id = "req_" + id_of(question),
            .body = R"({"input_tokens":)" + std::to_string(tokens_of_prompt(question)) + "}"};
    }
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
