// Chunks of a stream in the common form, as they are written for one choice.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace skein {

// A chunk whose delta has these members; more can follow it.
std::string delta_chunk(std::string_view members);
// The same for one member that is a text.
std::string text_chunk(std::string_view member, std::string_view text);

// A piece of a call. `call`: the members that only its first piece has, each with a comma in front.
// `function`: the members of `function`.
std::string call_chunk(std::size_t number, std::string_view call, std::string_view function);

// An error as the common reader knows it: the data as it came, or else its words.
std::string error_chunk(std::string_view data);

}  // namespace skein
