// Writes the answer to a question as Gemini does: one object with all candidates, or chunks that
// are objects of the same form. Pure; any thread.
#include "mock_server/gemini/answer.hpp"

#include "json/text.hpp"

#include <algorithm>

namespace skein::mock::gemini {
namespace {

// A candidate without text has a content without parts, as Gemini's have.
std::string content_of(std::string_view text) {
    std::string content = R"("content":{)";
    if (!text.empty()) {
        content += R"("parts":[{"text":)";
        json::append_string(content, text);
        content += "}],";
    }
    return content += R"("role":"model"})";
}

class CandidateWriter {
public:
    explicit CandidateWriter(const Question& question) : question_{question} {
        answer_.prompt_tokens = tokens_of_prompt(question);
        for (std::uint64_t i = 0; i < question.choices; ++i) {
            completions_.push_back(completion_of(question, i));
            answer_.completion_tokens += completions_.back().ends.size();
        }
    }

    Answer whole() {
        std::string candidates;
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            if (i > 0) candidates += ',';
            candidates += candidate(i, completions_[i].text, true);
        }
        answer_.body = object(candidates, true);
        return std::move(answer_);
    }

    // The tokens of all candidates in turn, then a chunk with the reason for each. Nothing marks
    // the end. The tokens of the candidates are counted only in chunks with a reason.
    Answer stream() {
        std::size_t max_length = 0;
        for (const auto& completion : completions_) {
            max_length = std::max(max_length, completion.ends.size());
        }
        for (std::size_t token = 0; token < max_length; ++token) {
            for (std::size_t i = 0; i < completions_.size(); ++i) add_token(i, token);
        }
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            add(Frame::Kind::finish, object(candidate(i, "", true), true));
        }
        return std::move(answer_);
    }

private:
    std::string candidate(std::size_t index, std::string_view text, bool finished) const {
        std::string written = "{" + content_of(text);
        if (finished) {
            written += R"(,"finishReason":)";
            written += completions_[index].cut ? R"("MAX_TOKENS")" : R"("STOP")";
        }
        return written += R"(,"index":)" + std::to_string(index) + "}";
    }

    std::string object(std::string_view candidates, bool counted) const {
        const auto prompt = std::to_string(answer_.prompt_tokens);
        std::string text = R"({"candidates":[)";
        ((text += candidates) += R"(],"usageMetadata":{"promptTokenCount":)") += prompt;
        if (counted) {
            text += R"(,"candidatesTokenCount":)" + std::to_string(answer_.completion_tokens);
        }
        const auto total = answer_.prompt_tokens + (counted ? answer_.completion_tokens : 0);
        text += R"(,"totalTokenCount":)" + std::to_string(total);
        text += R"(,"promptTokensDetails":[{"modality":"TEXT","tokenCount":)" + prompt;
        text += R"(}]},"modelVersion":)";
        json::append_string(text, question_.model);
        return text += R"(,"responseId":")" + id_of(question_) + R"("})";
    }

    void add_token(std::size_t index, std::size_t token) {
        const auto& [text, ends, cut] = completions_[index];
        if (token >= ends.size()) return;
        const auto from = token == 0 ? 0 : ends[token - 1];
        const auto piece = std::string_view{text}.substr(from, ends[token] - from);
        add(Frame::Kind::token, object(candidate(index, piece, false), false));
    }

    void add(Frame::Kind kind, const std::string& data) {
        answer_.frames.push_back({kind, "data: " + data + "\r\n\r\n"});
    }

    const Question& question_;
    std::vector<Completion> completions_{};
    Answer answer_{};
};

// In the order of the requests, without an index and without a usage.
Answer embeddings(const Question& question) {
    Answer answer{.prompt_tokens = tokens_of_prompt(question)};
    auto& body = answer.body;
    body = R"({"embeddings":[)";
    for (const auto& input : question.inputs) {
        if (body.back() != '[') body += ',';
        body += R"({"values":[)";
        for (const auto number : embedding_of(question, input)) {
            if (body.back() != '[') body += ',';
            json::append_number(body, number);
        }
        body += "]}";
    }
    body += "]}";
    return answer;
}

}  // namespace

Answer answer_to(const Question& question) {
    if (question.task == Task::embedding) return embeddings(question);
    CandidateWriter writer{question};
    return question.stream ? writer.stream() : writer.whole();
}

std::string models_text() {
    return R"({"models":[{"name":"models/mock","version":"001","displayName":"Mock",)"
           R"("description":"Answers by the rules of the mock server","inputTokenLimit":1048576,)"
           R"("outputTokenLimit":65536,"supportedGenerationMethods":["generateContent",)"
           R"("batchEmbedContents"]}]})";
}

}  // namespace skein::mock::gemini
