// The question of a request to Anthropic's Messages API.
#pragma once
#include "mock_server/question.hpp"

#include <string_view>
#include <variant>

namespace skein::mock::anthropic {

// As strict as the real service, with its words. `version`: of the header anthropic-version.
// `task`: a chat, or a count of its tokens, which needs no `max_tokens`.
std::variant<Question, NoQuestion> question_of(
    std::string_view body, std::string_view version, Task task = Task::chat
);

}  // namespace skein::mock::anthropic
