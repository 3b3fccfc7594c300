// What do MiniMax's own numbers for errors mean?
#pragma once
#include <cstdint>

namespace skein {

// The status that stands for the same as this `status_code` of a `base_resp`, which comes with
// `200 OK`. An unknown one is an error of the server: 500.
int status_of_minimax_code(std::int64_t code);

}  // namespace skein
