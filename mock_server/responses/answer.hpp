// The good answer in the form of the Responses API.
#pragma once
#include "mock_server/answer.hpp"

namespace skein::mock::responses {

Answer answer_to(const Question& question);

}  // namespace skein::mock::responses
