// The parts of a content: texts, media, calls of functions and their answers.
#pragma once
#include "dialect/gemini/refusal.hpp"
#include "dialect/request/question.hpp"

#include <simdjson.h>

#include <string>

namespace skein::google {

// Appends a part of a message. An empty text is left out. A refusal follows `messages[0].content[1]
// `.
Refusal write_part(const Part& part, std::string& out);

// Appends the answer of a tool. A refusal follows `messages[0]`.
Refusal write_answer_of_tool(const Turn& turn, std::string& out);

// Appends calls of functions. Their arguments are read by a parser of its own, because the common
// one holds the question. A refusal follows `messages[0].tool_calls[1] `.
class CallWriter {
public:
    Refusal write(const FunctionCall& call, std::string& out);

private:
    simdjson::dom::parser parser_{};
};

}  // namespace skein::google
