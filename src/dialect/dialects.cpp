#include "dialect/dialects.hpp"

#include "dialect/anthropic/anthropic.hpp"
#include "dialect/azure/azure.hpp"
#include "dialect/gemini/gemini.hpp"
#include "dialect/openai/openai.hpp"
#include "dialect/raw/raw.hpp"
#include "dialect/responses/responses.hpp"

#include <array>

namespace skein {

// Alone in this file: a test program that adds a dialect of its own has this function instead.
std::span<const Dialect* const> dialects() {
    static constexpr std::array<const Dialect*, 6> all{
        &openai, &responses, &anthropic, &gemini, &azure, &raw};
    return all;
}

}  // namespace skein
