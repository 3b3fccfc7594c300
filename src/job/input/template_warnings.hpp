#pragma once
#include "job/input/template.hpp"
#include "json/object.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// What is known of the rows that fill a template.
struct RowsKnown {
    std::span<const std::string> fields{};  // Of every row, or of the first one.
    std::optional<std::uint64_t> rows{};
};

// What is allowed in a template and is probably not meant, one line each: a place in single braces
// that has the name of a field, a statement such as `{% if %}`, and rows of which nothing is put
// in. `request` is the JSON that the template was made of.
std::vector<std::string> template_warnings(
    const Template& made, std::string_view request, const RowsKnown& known, const PlaceOf& place_of
);

}  // namespace skein::job
