// Parts of a row that its output line repeats: its id and the kept fields.
#pragma once
#include "json/object.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein::job {

// The field that names rows if `input.id` is not set.
inline constexpr std::string_view usual_id = "custom_id";

// The row's own id: a text, or a number or boolean as it is written. Nothing if `field` is missing,
// null, empty, a list or an object. `field` may be a path into the row: `meta.id`.
std::optional<std::string> own_id(const json::Object& row, std::string_view field);

// The `custom_id` of a row without its own id: `line-17`.
std::string name_by_line(std::uint64_t line);

// The kept fields of a row as one line of JSON, in the order of the row; empty if the job keeps
// none. `bytes`: the text of the row.
std::string kept_fields(const Keep& keep, const json::Object& row, std::string_view bytes);

// What the journal must keep of each row: `output.keep`, and the fields that columns say.
Keep kept_for(const Output& output);

// For formats whose fields are known in advance: an error if `input.id`, `output.keep` or a column
// names a field that does not exist.
std::optional<ConfigError> check_row_fields(const Job& job, std::span<const std::string> fields);

}  // namespace skein::job
