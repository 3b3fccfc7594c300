// The body of a request in the common form, for one endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein {

// The body for this endpoint. Its model is the endpoint's, or else the request's, or else none.
// Members that skein has added, and that are in `without`, are left out.
std::string body_for(const Endpoint& endpoint, const Prepared& prepared, AddedMembers without = 0);

// Writes the beginning of every body: a brace, and the model if there is one.
void begin_body(std::string& body, std::string_view model);

// The model that all endpoints ask for; empty if they ask for different ones.
std::string usual_model(const std::vector<Endpoint>& endpoints);

// Can the prepared body be sent to this endpoint unchanged? False is always safe: then `body_for`
// makes a copy.
bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared);

}  // namespace skein
