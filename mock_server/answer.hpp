// The good answer to a question. It depends on nothing but the question, so that two runs give the
// same bytes.
#pragma once
#include "mock_server/question.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace skein::mock {

// One event of a stream, as it is sent.
struct Frame {
    enum class Kind { opening, token, closing, finish, usage, done };
    Kind kind = Kind::token;
    std::string text{};
};

struct Answer {
    std::string request_id{};     // For the header that names the request.
    std::string body{};           // Unless it is a stream.
    std::vector<Frame> frames{};  // If it is one.
    std::uint64_t prompt_tokens = 0;
    std::uint64_t completion_tokens = 0;
};

// A text, or the arguments of a call, and the end of each of its tokens (a word and the space
// before it).
struct Completion {
    std::string text{};
    std::vector<std::size_t> ends{};
    bool cut = false;  // By `max_tokens`.
};

// The text after `echo:` if the question begins with that, else a sentence. A call has that text as
// its arguments if it is a JSON object, and else as their member `text`; it is never cut.
Completion completion_of(const Question& question, std::uint64_t choice);

// What was thought before the answer; empty unless the question wants to see it.
Completion thoughts_of(const Question& question);

// In the form of the API that asked.
Answer answer_to(const Question& question);

// The parts that all APIs share: the id without its prefix, how many tokens the prompt has, and the
// vector of an input.
std::string id_of(const Question& question);
std::uint64_t tokens_of_prompt(const Question& question);
std::vector<double> embedding_of(const Question& question, std::string_view input);

// The list of models of OpenAI.
std::string models_text();

// The body of an error, in the form of OpenAI.
std::string error_text(std::string_view message, std::string_view type, std::string_view code = {});

}  // namespace skein::mock
