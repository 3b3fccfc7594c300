// What answers must satisfy: `request.schema`, `request.schema_attempts`, and the section `expect`.
#pragma once
#include "config/keys.hpp"
#include "config/tree.hpp"

namespace skein::config {

// Takes `schema` and `schema_attempts` out of the request and reads them.
Complaint take_schema(Node& request, Draft& draft);

// Adds the `response_format` that asks for the schema, if the request is a chat.
void ask_for_schema(Draft& draft);

std::span<const Key> expect_keys();

}  // namespace skein::config
