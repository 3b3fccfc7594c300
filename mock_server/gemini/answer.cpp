// Writes the answer to a question as Gemini does: one object with all candidates, or chunks that
// are objects of the same form. Pure; any thread.
#include "mock_server/gemini/answer.hpp"

#include "json/text.hpp"

#include <algorithm>

namespace skein::mock::gemini {
namespace {

// A candidate without parts has a content without the list of them, as Gemini's have.
std::string content_of(std::string_view parts) {
    std::string content = R"("content":{)";
    if (!parts.empty()) ((content += R"("parts":[)") += parts) += "],";
    return content += R"("role":"model"})";
}

std::string text_part(std::string_view text, bool thought = false) {
    if (text.empty()) return {};
    std::string part = R"({"text":)";
    json::append_string(part, text);
    return part += thought ? R"(,"thought":true})" : "}";
}

class CandidateWriter {
public:
    explicit CandidateWriter(const Question& question)
        : question_{question}, thoughts_{thoughts_of(question)} {
        answer_.prompt_tokens = tokens_of_prompt(question);
        answer_.completion_tokens = thoughts_.ends.size();
        for (std::uint64_t i = 0; i < question.choices; ++i) {
            completions_.push_back(completion_of(question, i));
            answer_.completion_tokens += completions_.back().ends.size();
        }
    }

    Answer whole() {
        std::string candidates;
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            if (i > 0) candidates += ',';
            auto parts = i == 0 ? text_part(thoughts_.text, true) : std::string{};
            const auto said = calls() ? call_part(i) : text_part(completions_[i].text);
            if (!parts.empty() && !said.empty()) parts += ',';
            candidates += candidate(i, parts + said, true);
        }
        answer_.body = object(candidates, true);
        return std::move(answer_);
    }

    // The thoughts, the tokens of all candidates in turn, then a chunk with the reason for each. A
    // call comes whole, as a token would. Nothing marks the end. The tokens of the candidates are
    // counted only in chunks with a reason.
    Answer stream() {
        std::size_t max_length = 0;
        for (const auto& completion : completions_) {
            max_length = std::max(max_length, completion.ends.size());
        }
        if (question_.thinks) {
            const auto parts = text_part(thoughts_.text, true);
            add(Frame::Kind::opening, object(candidate(0, parts, false), false));
        }
        for (std::size_t token = 0; token < max_length && !calls(); ++token) {
            for (std::size_t i = 0; i < completions_.size(); ++i) add_token(i, token);
        }
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            if (!calls()) continue;
            add(Frame::Kind::token, object(candidate(i, call_part(i), false), false));
        }
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            add(Frame::Kind::finish, object(candidate(i, "", true), true));
        }
        return std::move(answer_);
    }

private:
    bool calls() const { return !question_.call.empty(); }

    std::string call_part(std::size_t index) const {
        std::string part = R"({"functionCall":{"name":)";
        json::append_string(part, question_.call);
        part += R"(,"args":)" + completions_[index].text;
        return part += R"(,"id":"call_)" + id_of(question_) + std::to_string(index) + R"("}})";
    }

    // Gemini has no word of its own for the end by a call.
    std::string candidate(std::size_t index, std::string_view parts, bool finished) const {
        std::string written = "{" + content_of(parts);
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
        const auto thought = thoughts_.ends.size();
        if (counted) {
            const auto said = answer_.completion_tokens - thought;
            text += R"(,"candidatesTokenCount":)" + std::to_string(said);
        }
        if (counted && thought > 0) text += R"(,"thoughtsTokenCount":)" + std::to_string(thought);
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
        add(Frame::Kind::token, object(candidate(index, text_part(piece), false), false));
    }

    void add(Frame::Kind kind, const std::string& data) {
        answer_.frames.push_back({kind, "data: " + data + "\r\n\r\n"});
    }

    const Question& question_;
    Completion thoughts_;  // Of the first candidate.
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
    if (question.task == Task::count) {
        const auto tokens = std::to_string(tokens_of_prompt(question));
        return {
            .body = R"({"totalTokens":)" + tokens +
                    R"(,"promptTokensDetails":[{"modality":"TEXT","tokenCount":)" + tokens + "}]}"};
    }
    if (question.task == Task::embedding) return embeddings(question);
    CandidateWriter writer{question};
    return question.stream ? writer.stream() : writer.whole();
}

std::string models_text() {
    return R"({"models":[{"name":"models/mock","version":"001","displayName":"Mock",)"
           R"("description":"Answers by the rules of the mock server","inputTokenLimit":1048576,)"
           R"("outputTokenLimit":65536,"supportedGenerationMethods":["generateContent",)"
           R"("batchEmbedContents","countTokens"]}]})";
}

}  // namespace skein::mock::gemini
