// The contents of a request to Gemini: messages of parts.
#pragma once
#include "mock_server/members.hpp"

#include <string>
#include <vector>

namespace skein::mock::gemini {

// A member by its name in capitals (`topP`), or by the other one (`top_p`). Null if it is missing
// or null.
const Json* either_member(const Json& object, std::string_view name);

// The refusal of the first member that is not known, in Google's words. `where` is empty for the
// body itself.
Refused only(const Json& object, std::string_view known, std::string_view where = {});

// What the parts of a content say. A result of a tool speaks for itself, because OpenAI has a
// message for it.
struct Parts {
    std::string text{};
    std::vector<std::string> results{};
    bool has_others = false;  // Parts that are no results.
};
Refused read_parts(const Json& content, std::string_view where, Parts& parts);

}  // namespace skein::mock::gemini
