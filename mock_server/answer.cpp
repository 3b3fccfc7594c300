// Makes the good answer to a question: a whole body, or the frames of a stream, in OpenAI's format.
// Invariant: the bytes depend on the question alone, so that two runs can be compared.
#include "mock_server/answer.hpp"

#include "json/json.hpp"
#include "json/text.hpp"
#include "mock_server/anthropic/answer.hpp"
#include "mock_server/gemini/answer.hpp"
#include "mock_server/hash.hpp"
#include "mock_server/responses/answer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace skein::mock {
namespace {

// A fixed time, because the same question must give the same bytes.
constexpr std::string_view created = "1700000000";
constexpr std::array<std::string_view, 48> words{
    "amber",  "bridge", "carries", "distant", "every",  "feather", "gathers", "harbour",
    "inside", "jolly",  "keeps",   "lantern", "moves",  "nine",    "orchard", "paints",
    "quiet",  "river",  "sings",   "tender",  "under",  "violet",  "wanders", "yellow",
    "zephyr", "across", "bright",  "clouds",  "dances", "early",   "follows", "garden",
    "hidden", "island", "joins",   "kindly",  "light",  "morning", "near",    "open",
    "pebble", "rests",  "silver",  "through", "upward", "valley",  "willow",  "young",
};

// Five to twenty words, chosen by the seed.
std::string sentence(std::uint64_t seed) {
    SplitMix random{seed};
    const auto length = 5 + random() % 16;
    std::string text;
    for (std::uint64_t i = 0; i < length; ++i) {
        if (i > 0) text += ' ';
        text += words[random() % words.size()];
    }
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text += '.';
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// A token is a word with the space before it. Space at the very end joins the last token.
std::vector<std::size_t> token_ends(const std::string& text) {
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; at < text.size();) {
        while (at < text.size() && is_space(text[at])) ++at;
        if (at == text.size() && !ends.empty()) ends.pop_back();
        while (at < text.size() && !is_space(text[at])) ++at;
        ends.push_back(at);
    }
    return ends;
}

Completion in_tokens(std::string text) {
    Completion completion{.text = std::move(text)};
    completion.ends = token_ends(completion.text);
    return completion;
}

std::string arguments_of(std::string text) {
    json::Element root;
    if (text.starts_with('{') && !json::parse(text, 64).get(root)) return text;
    std::string arguments = R"({"text":)";
    json::append_string(arguments, text);
    return arguments += '}';
}

// Identifies an answer: everything that changes its text or its length.
std::uint64_t question_hash(const Question& question) {
    const auto hash = hash_of(question.model, question.prompt_hash());
    return mix(mix(hash, question.max_tokens), question.choices);
}

void append_number(std::string& out, std::uint64_t number) {
    json::append_number(out, static_cast<std::int64_t>(number));
}

void append_usage(std::string& out, const Answer& answer) {
    out += R"("usage":{"prompt_tokens":)";
    append_number(out, answer.prompt_tokens);
    out += R"(,"completion_tokens":)";
    append_number(out, answer.completion_tokens);
    out += R"(,"total_tokens":)";
    append_number(out, answer.prompt_tokens + answer.completion_tokens);
    out += '}';
}

// Writes the answer to one question about text, whole or as a stream.
class Writer {
public:
    // The beginning up to `choices` is the same in all chunks of a stream, so it is made once.
    explicit Writer(const Question& question) : question_{question} {
        const auto hash = id_of(question);
        answer_.request_id = "req-" + hash;
        answer_.prompt_tokens = tokens_of_prompt(question);
        for (std::uint64_t i = 0; i < question.choices; ++i) {
            completions_.push_back(completion_of(question, i));
            answer_.completion_tokens += completions_.back().ends.size();
        }
        start_ = is_chat() ? R"({"id":"chatcmpl-)" : R"({"id":"cmpl-)";
        start_ += hash;
        start_ += R"(","object":")";
        start_ += !is_chat()        ? "text_completion"
                  : question.stream ? "chat.completion.chunk"
                                    : "chat.completion";
        ((start_ += R"(","created":)") += created) += R"(,"model":)";
        json::append_string(start_, question.model);
        start_ += R"(,"choices":[)";
    }

    Answer whole() {
        auto& body = answer_.body;
        body = start_;
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            if (i > 0) body += ',';
            body += R"({"index":)";
            append_number(body, i);
            if (calls()) {
                body += R"(,"message":{"role":"assistant","content":null,"refusal":null,)";
                body += call(i, completions_[i].text) + '}';
            } else {
                body += is_chat() ? R"(,"message":{"role":"assistant","content":)" : R"(,"text":)";
                json::append_string(body, completions_[i].text);
                if (is_chat()) body += R"(,"refusal":null})";
            }
            body += R"(,"logprobs":null,"finish_reason":)";
            (body += reason(i)) += '}';
        }
        body += "],";
        append_usage(body, answer_);
        body += '}';
        return std::move(answer_);
    }

    // The order of OpenAI: a chunk with the role for each choice, then the tokens of all choices in
    // turn, then the finish reasons, the usage, and `[DONE]`.
    Answer stream() {
        using Kind = Frame::Kind;
        std::size_t max_length = 0;
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            max_length = std::max(max_length, completions_[i].ends.size());
            if (calls()) {
                const auto delta = R"("role":"assistant","content":null,)" + call(i, "");
                add(Kind::opening, i, delta, "null");
            } else if (is_chat()) {
                add(Kind::opening, i, R"("role":"assistant","content":"")", "null");
            }
        }
        for (std::size_t token = 0; token < max_length; ++token) {
            for (std::size_t i = 0; i < completions_.size(); ++i) add_token(i, token);
        }
        for (std::size_t i = 0; i < completions_.size(); ++i) {
            add(Kind::finish, i, is_chat() ? "" : R"("text":"")", reason(i));
        }
        if (question_.include_usage) add_usage();
        answer_.frames.push_back({Kind::done, "data: [DONE]\n\n"});
        return std::move(answer_);
    }

private:
    bool is_chat() const { return question_.task == Task::chat; }
    bool calls() const { return !question_.call.empty(); }

    // The calls of a message, or of the first delta of a stream.
    std::string call(std::size_t choice, std::string_view arguments) const {
        std::string text = R"("tool_calls":[{)";
        if (question_.stream) text += R"("index":0,)";
        text += R"("id":"call_)" + id_of(question_) + std::to_string(choice);
        text += R"(","type":"function","function":{"name":)";
        json::append_string(text, question_.call);
        text += R"(,"arguments":)";
        json::append_string(text, arguments);
        return text += "}}]";
    }

    std::string_view reason(std::size_t choice) const {
        if (calls()) return R"("tool_calls")";
        return completions_[choice].cut ? R"("length")" : R"("stop")";
    }

    void add_token(std::size_t choice, std::size_t token) {
        const auto& [text, ends, cut] = completions_[choice];
        if (token >= ends.size()) return;
        const auto from = token == 0 ? 0 : ends[token - 1];
        std::string delta = calls()     ? R"("tool_calls":[{"index":0,"function":{"arguments":)"
                            : is_chat() ? R"("content":)"
                                        : R"("text":)";
        json::append_string(delta, std::string_view{text}.substr(from, ends[token] - from));
        if (calls()) delta += "}}]";
        add(Frame::Kind::token, choice, delta, "null");
    }

    void add(
        Frame::Kind kind, std::size_t choice, std::string_view delta, std::string_view finish_reason
    ) {
        std::string text = "data: " + start_ + R"({"index":)";
        append_number(text, choice);
        if (is_chat()) {
            ((text += R"(,"delta":{)") += delta) += '}';
        } else {
            (text += ',') += delta;
        }
        ((text += R"(,"logprobs":null,"finish_reason":)") += finish_reason) += "}]";
        // As OpenAI does: every chunk but the last has `usage: null`.
        if (question_.include_usage) text += R"(,"usage":null)";
        answer_.frames.push_back({kind, text += "}\n\n"});
    }

    void add_usage() {
        std::string text = "data: " + start_ + "],";
        append_usage(text, answer_);
        answer_.frames.push_back({Frame::Kind::usage, text += "}\n\n"});
    }

    const Question& question_;
    std::vector<Completion> completions_{};
    std::string start_{};  // Of every object: up to its choices.
    Answer answer_{};
};

// With an id, which relatives of OpenAI have, and Mistral's client wants.
Answer embeddings(const Question& question) {
    Answer answer{.request_id = "req-" + id_of(question)};
    answer.prompt_tokens = tokens_of_prompt(question);
    auto& body = answer.body;
    body = R"({"id":"embd-)" + id_of(question) + R"(","object":"list","data":[)";
    for (std::size_t i = 0; i < question.inputs.size(); ++i) {
        if (i > 0) body += ',';
        body += R"({"object":"embedding","index":)";
        append_number(body, i);
        body += R"(,"embedding":[)";
        bool first = true;
        for (const auto number : embedding_of(question, question.inputs[i])) {
            if (!first) body += ',';
            first = false;
            json::append_number(body, number);
        }
        body += "]}";
    }
    body += R"(],"model":)";
    json::append_string(body, question.model);
    body += ',';
    append_usage(body, answer);
    body += '}';
    return answer;
}

}  // namespace

Completion completion_of(const Question& question, std::uint64_t choice) {
    constexpr std::string_view echo = "echo:";
    if (question.silent) return {.cut = true};
    auto text = question.last_said.starts_with(echo)
                    ? question.last_said.substr(echo.size())
                    : sentence(mix(hash_of(question.model, question.prompt_hash()), choice));
    if (!question.call.empty()) return in_tokens(arguments_of(std::move(text)));
    auto completion = in_tokens(std::move(text));
    if (question.max_tokens > 0 && completion.ends.size() > question.max_tokens) {
        completion.ends.resize(question.max_tokens);
        completion.text.resize(completion.ends.back());
        completion.cut = true;
    }
    return completion;
}

Completion thoughts_of(const Question& question) {
    if (!question.thinks) return {};
    constexpr std::uint64_t of_thoughts = 1'000'000;  // No choice has this number.
    return in_tokens(sentence(mix(hash_of(question.model, question.prompt_hash()), of_thoughts)));
}

std::string id_of(const Question& question) { return hex_of(question_hash(question)); }

// A rule of thumb: four bytes a token.
std::uint64_t tokens_of_prompt(const Question& question) { return question.prompt.size() / 4 + 1; }

// Pseudo-random numbers from -1 to 1, by model and input. Rounded to six digits, so that their text
// is short.
std::vector<double> embedding_of(const Question& question, std::string_view input) {
    SplitMix random{hash_of(input, hash_of(question.model))};
    std::vector<double> vector(question.dimensions);
    for (auto& number : vector) number = std::round((2 * random.unit() - 1) * 1e6) / 1e6;
    return vector;
}

Answer answer_to(const Question& question) {
    if (question.api == Api::responses) return responses::answer_to(question);
    if (question.api == Api::anthropic) return anthropic::answer_to(question);
    if (question.api == Api::gemini) return gemini::answer_to(question);
    if (question.task == Task::embedding) return embeddings(question);
    Writer writer{question};
    return question.stream ? writer.stream() : writer.whole();
}

std::string models_text() {
    std::string text = R"({"object":"list","data":[{"id":"mock","object":"model","created":)";
    (text += created) += R"(,"owned_by":"skein"}]})";
    return text;
}

std::string error_text(std::string_view message, std::string_view type, std::string_view code) {
    std::string text = R"({"error":{"message":)";
    json::append_string(text, message);
    text += R"(,"type":)";
    json::append_string(text, type);
    text += R"(,"param":null,"code":)";
    if (code.empty()) {
        text += "null";
    } else {
        json::append_string(text, code);
    }
    return text += "}}";
}

}  // namespace skein::mock
