// Maps MiniMax's error codes to HTTP statuses.
#pragma once
#include <cstdint>

namespace skein {

// HTTP status for the `status_code` of a `base_resp`, which comes with `200 OK`. An unknown code is
// a server error: 500.
int status_of_minimax_code(std::int64_t code);

}  // namespace skein
