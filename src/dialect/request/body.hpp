// The body of a request in the common form, for one endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// The body for this endpoint. Its model is the endpoint's, or else the request's, or else none.
// Members that skein has added, and that are in `without`, are left out.
std::string body_for(const Endpoint& endpoint, const Prepared& prepared, AddedMembers without = 0);

// The same with the endpoint's `drop`, `max_tokens` and `compat`. Nothing: the prepared body is
// this one.
std::optional<std::string> common_body(
    const Endpoint& endpoint, const Prepared& prepared, AddedMembers without
);

// Writes the beginning of every body: a brace, and the model if there is one.
void begin_body(std::string& body, std::string_view model);

// The model that all endpoints ask for; empty if they ask for different ones.
std::string usual_model(const std::vector<Endpoint>& endpoints);

// Can the prepared body be sent to this endpoint unchanged? False is always safe: then `body_for`
// makes a copy.
bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared);

// Appends a member to an object that has no brace at its end yet. `key` and `value` are as written
// in JSON.
void append_member(std::string& object, std::string_view key, std::string_view value);

// The JSON object without these members.
std::string without_members(std::string_view object, std::span<const std::string> names);

// The JSON object with the members of another one. A member that both have gets the other's value.
std::string with_members(std::string_view object, std::string_view others);

}  // namespace skein
