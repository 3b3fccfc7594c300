// Adjusts the output line of a row whose line number in the input has changed since it was asked.
#pragma once
#include "job/input/row_fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::job {

// The present line number of a row, and whether its `custom_id` is derived from that number. 8
// bytes.
class Moved {
public:
    Moved() = default;  // The row has not moved: its output line is written unchanged.
    Moved(std::uint64_t line, std::string_view custom_id)
        : packed_{line << 1 | (custom_id == name_by_line(line) ? 1u : 0u)} {}

    bool exists() const { return packed_ != 0; }
    std::uint64_t line() const { return packed_ >> 1; }
    bool is_named_by_line() const { return (packed_ & 1) != 0; }

private:
    std::uint64_t packed_ = 0;
};

// The output line `out` with the present values of `id`, `seq` and, if it is derived from the line
// number, `custom_id`. A line in an unknown form is returned unchanged.
std::string moved_line(std::string_view out, Moved moved);

}  // namespace skein::job
