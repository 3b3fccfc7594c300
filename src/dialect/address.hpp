// What one endpoint is sent: the address, the header lines, the body.
#pragma once
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein {

// The endpoint's address joined with the path of a request: see `join_path`.
std::string url_for(const Endpoint& endpoint, std::string_view path);

// Lines as `Name: value`. Holds the key: not to be logged. The user's own lines replace ours of
// the same name; one that holds a line end would be two, and is left out.
std::vector<std::string> header_lines_for(const Endpoint& endpoint);

// The endpoint's model counts, then the request's own; with neither, none is named.
// Members that we have added, and that are in `without`, are left out.
std::string body_for(const Endpoint& endpoint, const Prepared& prepared, AddedMembers without = 0);

// How every body begins: a brace, and the model if there is one.
void begin_body(std::string& body, std::string_view model);

// The model that all of them ask for; empty if they ask for different ones.
std::string usual_model(const std::vector<Endpoint>& endpoints);

// Is the body as it was prepared what goes to this endpoint? False is always allowed.
bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared);

}  // namespace skein
