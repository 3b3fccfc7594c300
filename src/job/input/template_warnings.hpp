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

// Facts about the rows that fill a template.
struct RowsKnown {
    std::span<const std::string> fields{};  // Fields of every row, or of the first row.
    std::optional<std::uint64_t> rows{};
};

// Warnings about a template that is valid but probably not meant so, one line each: a field name in
// single braces, a statement such as `{% if %}`, and a template without any placeholder. `request`
// is the JSON that the template was compiled from.
std::vector<std::string> template_warnings(
    const Template& made, std::string_view request, const RowsKnown& known, const PlaceOf& place_of
);

}  // namespace skein::job
