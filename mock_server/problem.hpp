// An error in place of an answer, in the form of each API.
#pragma once
#include "mock_server/api.hpp"
#include "mock_server/reply.hpp"

#include <string>

namespace skein::mock {

// OpenAI has words of its own for an error (`type`, `code`). The other two have one for each
// status.
struct Problem {
    int status = 500;
    std::string message{};
    std::string type{};
    std::string code{};
    Duration wait{};  // Until another try may succeed; 0: not said.
};

// The body.
std::string problem_text(Api api, const Problem& problem);

// With the headers of the API. OpenAI's have no `wait`: there it belongs to the limits.
Reply problem_reply(Api api, const Problem& problem);

// The event that ends a stream with an error. `before`: how many events came before it.
std::string problem_event(Api api, const Problem& problem, std::size_t before);

// The same as Google sends it at times: the bare body, over several lines, without `data:`. The
// other APIs have no such form.
std::string bare_problem(Api api, const Problem& problem, std::size_t before);

}  // namespace skein::mock
