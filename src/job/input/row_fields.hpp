// What of a row its output line says beside the answer: how it is called, and the fields it keeps.
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

// What names rows where `input.id` does not say it.
inline constexpr std::string_view usual_id = "custom_id";

// What a row calls itself: a text, or a number or truth value as it is written; nothing, if `field`
// is missing, null, empty, a list or an object. `field` may lead into the row: `meta.id`.
std::optional<std::string> own_id(const json::Object& row, std::string_view field);

// The `custom_id` of a row without one of its own: `line-17`.
std::string name_by_line(std::uint64_t line);

// The fields of a row that are kept, as one line of JSON, in the row's order; empty, if none are.
// `bytes` is the row's text.
std::string kept_fields(const Keep& keep, const json::Object& row, std::string_view bytes);

// For rows whose fields are known beforehand: do `input.id` and `output.keep` name some of them?
std::optional<ConfigError> check_row_fields(const Job& job, std::span<const std::string> fields);

}  // namespace skein::job
