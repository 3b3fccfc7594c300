// Rows of the batch services of Anthropic, Gemini (also on Vertex) and Mistral.
#pragma once
#include "json/object.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>
#include <skein/request.hpp>

#include <optional>
#include <string_view>

namespace skein::job {

// Is each row of this format a whole request?
bool holds_requests(Input::Format format);

// The field that names a row of this format, unless `input.id` names another.
std::string_view id_field_of(Input::Format format);

// The format of a batch file by one of its rows. Nothing: the row is no whole request.
//
//     Anthropic:       {"custom_id": "a", "params": {"messages": […]}}
//     Gemini, Vertex:  {"key": "a", "request": {"contents": […]}}, and maybe without `key`
//     Mistral:         {"custom_id": "a", "body": {…}}
//     all others:      see `read_batch_row`
std::optional<Input::Format> batch_format_of(const json::Object& row);

// The request of a row of such a format. `streams`: for Gemini, whose rows cannot say so
// themselves.
Expected<Request, ConfigError> read_request(
    const json::Object& row, Input::Format format, bool streams = false
);

}  // namespace skein::job
