// The question of a request to the Gemini API.
#pragma once
#include "mock_server/question.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace skein::mock::gemini {

// `task`, `model` and `stream` are told by the path. Names of members may be written with capitals
// (`topP`) or with underscores (`top_p`), as at Google.
std::variant<Question, NoQuestion> question_of(
    Task task, const std::string& model, bool stream, std::string_view body
);

}  // namespace skein::mock::gemini
