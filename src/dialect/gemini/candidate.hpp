// A candidate, or a piece of one, as a choice of the common form.
#pragma once
#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace skein::google {

// Where a candidate stands.
struct Place {
    bool is_streamed = false;
    std::int64_t index = 0;
    std::size_t calls = 0;  // The calls that came before, in earlier pieces.
};

// Candidates and pieces have one shape, so both are written here. Counts the calls on.
void add_choice(std::string& out, json::Element candidate, Place& place);

// More candidates than anybody asks for are no answer: each would be written much longer than it
// came, so that a short answer could take a lot of memory.
inline constexpr std::size_t max_candidates = 1024;

}  // namespace skein::google
