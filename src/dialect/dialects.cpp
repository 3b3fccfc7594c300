#include "dialect/dialects.hpp"

#include "dialect/openai/openai.hpp"

#include <array>

namespace skein {

// Alone in this file: a test program that adds a dialect of its own has this function instead.
std::span<const Dialect* const> dialects() {
    static constexpr std::array<const Dialect*, 1> all{&openai};
    return all;
}

}  // namespace skein
