// Output lines of rows that stand elsewhere in the input than when they were asked.
#pragma once
#include "job/input/row_fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::job {

// Where the row of a journaled line stands now, and whether its `custom_id` is made of that. 8
// bytes.
class Moved {
public:
    Moved() = default;  // It has not moved: the line is written as it is.
    Moved(std::uint64_t line, std::string_view custom_id)
        : packed_{line << 1 | (custom_id == name_by_line(line) ? 1u : 0u)} {}

    bool exists() const { return packed_ != 0; }
    std::uint64_t line() const { return packed_ >> 1; }
    bool is_named_by_line() const { return (packed_ & 1) != 0; }

private:
    std::uint64_t packed_ = 0;
};

// The output line `out` with `id`, `seq` and, where it is made of the line, `custom_id` as of now.
// A line that is not as we write it is given back as it is.
std::string moved_line(std::string_view out, Moved moved);

}  // namespace skein::job
