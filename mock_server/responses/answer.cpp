// Writes the answer to a question as a Response, or as the events of one. Every member that the
// official types require is there, null where there is nothing. Invariant: the events are numbered
// without a gap. Pure; any thread.
#include "mock_server/responses/answer.hpp"

#include "json/text.hpp"

namespace skein::mock::responses {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

std::string text_part(std::string_view text) {
    return R"({"type":"output_text","text":)" + in_quotes(text) +
           R"(,"annotations":[],"logprobs":[]})";
}

class ResponseWriter {
public:
    explicit ResponseWriter(const Question& question)
        : question_{question}, id_{id_of(question)}, completion_{completion_of(question, 0)} {
        answer_.request_id = "req_" + id_;
        answer_.prompt_tokens = tokens_of_prompt(question);
        answer_.completion_tokens = completion_.ends.size();
    }

    Answer whole() {
        answer_.body = response(ending(), done_item());
        return std::move(answer_);
    }

    // The order of OpenAI. Nothing comes after the event that has the whole Response.
    Answer stream() {
        using Kind = Frame::Kind;
        const std::string begun = "in_progress";
        const auto nothing = R"("response":)" + response(begun, "");
        add(Kind::opening, "response.created", nothing);
        add(Kind::opening, "response.in_progress", nothing);
        add(Kind::opening,
            "response.output_item.added",
            item(calls() ? call(begun, "") : message(begun, "")));
        if (calls()) {
            add_call();
        } else {
            add_text();
        }
        add(Kind::closing, "response.output_item.done", item(done_item()));
        add(Kind::finish, "response." + ending(), R"("response":)" + response(ending(), done_item())
        );
        return std::move(answer_);
    }

private:
    bool calls() const { return !question_.call.empty(); }

    std::string done_item() const {
        return calls() ? call(ending(), completion_.text)
                       : message(ending(), text_part(completion_.text));
    }

    void add_text() {
        add(Frame::Kind::opening, "response.content_part.added", at(R"("part":)" + text_part("")));
        add_tokens("response.output_text.delta");
        const auto text = R"("logprobs":[],"text":)" + in_quotes(completion_.text);
        add(Frame::Kind::closing, "response.output_text.done", at(text));
        const auto part = R"("part":)" + text_part(completion_.text);
        add(Frame::Kind::closing, "response.content_part.done", at(part));
    }

    void add_call() {
        add_tokens("response.function_call_arguments.delta");
        const auto all = R"("name":)" + in_quotes(question_.call) + R"(,"arguments":)" +
                         in_quotes(completion_.text);
        add(Frame::Kind::closing, "response.function_call_arguments.done", at(all));
    }

    std::string ending() const { return completion_.cut ? "incomplete" : "completed"; }

    std::string message(std::string_view status, std::string_view content) const {
        std::string text = R"({"type":"message","id":"msg_)" + id_ + R"(","status":")";
        ((text += status) += R"(","role":"assistant","content":[)") += content;
        return text += "]}";
    }

    std::string call(std::string_view status, std::string_view arguments) const {
        std::string text = R"({"type":"function_call","id":"fc_)" + id_ + R"(","call_id":"call_)";
        ((text += id_) += R"(","status":")") += status;
        (text += R"(","name":)") += in_quotes(question_.call);
        return ((text += R"(,"arguments":)") += in_quotes(arguments)) += '}';
    }

    // What the request did not say has the value that the service would use.
    std::string response(const std::string& status, const std::string& output) const {
        const bool is_done = status != "in_progress";
        auto text = R"({"id":"resp_)" + id_ + R"(","object":"response","created_at":1700000000,)";
        (text += R"("status":")") += status;
        text += R"(","background":false,"completed_at":)";
        text += status == "completed" ? "1700000000" : "null";
        text += R"(,"error":null,"incomplete_details":)";
        text += status == "incomplete" ? R"({"reason":"max_output_tokens"})" : "null";
        text += R"(,"instructions":null,"max_output_tokens":)";
        text += question_.max_tokens == 0 ? "null" : std::to_string(question_.max_tokens);
        (text += R"(,"model":)") += in_quotes(question_.model);
        ((text += R"(,"output":[)") += output) += ']';
        text += R"(,"parallel_tool_calls":true,"previous_response_id":null,"prompt":null,)"
                R"("prompt_cache_retention":null,"reasoning":{"effort":null,"summary":null},)"
                R"("service_tier":"default","temperature":1,)"
                R"("text":{"format":{"type":"text"},"verbosity":"medium"},)"
                R"("tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1,)"
                R"("truncation":"disabled",)";
        if (is_done) text += R"("usage":)" + usage() + ',';
        return text += R"("metadata":{}})";
    }

    std::string usage() const {
        return R"({"input_tokens":)" + std::to_string(answer_.prompt_tokens) +
               R"(,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},)"
               R"("output_tokens":)" +
               std::to_string(answer_.completion_tokens) +
               R"(,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":)" +
               std::to_string(answer_.prompt_tokens + answer_.completion_tokens) + '}';
    }

    static std::string item(const std::string& whole) {
        return R"("output_index":0,"item":)" + whole;
    }

    // The place of the text or of the call, and more members.
    std::string at(const std::string& members) const {
        return R"("item_id":")" + std::string{calls() ? "fc_" : "msg_"} + id_ +
               R"(","output_index":0,)" + (calls() ? "" : R"("content_index":0,)") + members;
    }

    void add_tokens(const std::string& event) {
        std::size_t from = 0;
        for (const auto end : completion_.ends) {
            const auto piece = std::string_view{completion_.text}.substr(from, end - from);
            const std::string logprobs = calls() ? "" : R"("logprobs":[],)";
            add(Frame::Kind::token, event, at(logprobs + R"("delta":)" + in_quotes(piece)));
            from = end;
        }
    }

    void add(Frame::Kind kind, const std::string& name, const std::string& members) {
        auto text = "event: " + name + "\ndata: {\"type\":\"" + name + R"(","sequence_number":)";
        (text += std::to_string(answer_.frames.size())) += ',';
        (text += members) += "}\n\n";
        answer_.frames.push_back({kind, std::move(text)});
    }

    const Question& question_;
    const std::string id_;
    Completion completion_;
    Answer answer_{};
};

}  // namespace

Answer answer_to(const Question& question) {
    ResponseWriter writer{question};
    return question.stream ? writer.stream() : writer.whole();
}

}  // namespace skein::mock::responses
