#include "dialect/http/minimax_codes.hpp"

#include <array>

namespace skein {
namespace {

struct Meaning {
    std::int64_t code;
    int status;
};

// The codes of text models, from platform.minimax.io/docs/api-reference/errorcode.
constexpr std::array meanings{
    Meaning{1001, 504},  // request timeout
    Meaning{1002, 429},  // rate limit
    Meaning{1004, 401},  // not authorized
    Meaning{1008, 402},  // insufficient balance
    Meaning{1026, 400},  // the input is sensitive
    Meaning{1027, 400},  // the output is sensitive
    Meaning{1039, 429},  // token limit: to be tried again later
    Meaning{1041, 429},  // limit of connections
    Meaning{1042, 400},  // too many invisible characters
    Meaning{2013, 400},  // invalid parameters
    Meaning{2045, 429},  // the rate grew too fast
    Meaning{2049, 401},  // invalid api key
    Meaning{2056, 402},  // the usage of five hours is spent
};

}  // namespace

int status_of_minimax_code(std::int64_t code) {
    for (const auto& meaning : meanings) {
        if (meaning.code == code) return meaning.status;
    }
    return 500;
}

}  // namespace skein
