// The question of a request to the Responses API.
#pragma once
#include "mock_server/question.hpp"

#include <string_view>
#include <variant>

namespace skein::mock::responses {

// As strict as the real service, with its words.
std::variant<Question, NoQuestion> question_of(std::string_view body);

}  // namespace skein::mock::responses
