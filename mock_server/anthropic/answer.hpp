// The good answer in the form of Anthropic's Messages API.
#pragma once
#include "mock_server/answer.hpp"

#include <string>

namespace skein::mock::anthropic {

Answer answer_to(const Question& question);

// The list of models.
std::string models_text();

}  // namespace skein::mock::anthropic
