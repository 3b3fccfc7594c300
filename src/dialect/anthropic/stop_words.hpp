// Why the model stopped, in Anthropic's words and in those of the common form.
#pragma once
#include <string>
#include <string_view>

namespace skein {

// Appends the members `finish_reason` (null if there is no reason) and, where the server's own word
// is another, `native_finish_reason`. A word that is not known stays as it is.
void append_finish_reason(std::string& out, std::string_view stop_reason);

}  // namespace skein
