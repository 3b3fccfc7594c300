#include "dialect/http/minimax_codes.hpp"

#include <array>

namespace skein {
namespace {

struct MinimaxCode {
    std::int64_t code;
    int status;
};

// The codes of text models, from platform.minimax.io/docs/api-reference/errorcode.
constexpr std::array codes{
    MinimaxCode{1001, 504},  // request timeout
    MinimaxCode{1002, 429},  // rate limit
    MinimaxCode{1004, 401},  // not authorized
    MinimaxCode{1008, 402},  // insufficient balance
    MinimaxCode{1026, 400},  // the input is sensitive
    MinimaxCode{1027, 400},  // the output is sensitive
    MinimaxCode{1039, 429},  // token limit: to be tried again later
    MinimaxCode{1041, 429},  // limit of connections
    MinimaxCode{1042, 400},  // too many invisible characters
    MinimaxCode{2013, 400},  // invalid parameters
    MinimaxCode{2045, 429},  // the rate grew too fast
    MinimaxCode{2049, 401},  // invalid api key
    MinimaxCode{2056, 402},  // the usage of five hours is spent
};

}  // namespace

int status_of_minimax_code(std::int64_t code) {
    for (const auto& meaning : codes) {
        if (meaning.code == code) return meaning.status;
    }
    return 500;
}

}  // namespace skein
