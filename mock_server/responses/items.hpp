// The input of a request to the Responses API: a text, or a list of items.
#pragma once
#include "mock_server/members.hpp"

#include <string>
#include <string_view>

namespace skein::mock::responses {

// Adds what the items say to the question.
Refused read_input(const Json& input, Question& question);

// The refusal of the first member that is not known at this place.
Refused only(const Json& object, std::string_view known, const std::string& where = {});

// The refusal of a member that is not there.
NoQuestion missing(const std::string& where);

}  // namespace skein::mock::responses
