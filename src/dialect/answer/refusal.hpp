// A refusal of the model: words of its own in a member `refusal`, in place of the content.
#pragma once
#include <string_view>

namespace skein {

// Has the first choice of the answer, in the common form, such words?
bool has_refusal(std::string_view body);

}  // namespace skein
