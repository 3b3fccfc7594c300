// What one endpoint is sent: the address, the header lines, the body.
#pragma once
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// Where a request goes.
struct Address {
    std::string url{};     // For a unix socket `http://localhost…`.
    std::string socket{};  // The path of a unix socket; empty: there is none.
};

// The endpoint's base URL joined with the path of a request (`join_path`):
//
//     https://host                  an empty path becomes /v1
//     https://host/inference        any other path stands as it is: + /chat/completions
//     https://host/x?api-version=1  the query stays at the end
//     unix:/run/llm.sock:/v1        the same behind the unix socket /run/llm.sock
//
// An exact URL is the whole address.
Address address_for(const Endpoint& endpoint, std::string_view path);

// Why a request of this path cannot go to the endpoint: its exact URL is for another operation.
std::optional<std::string> misfit(const Endpoint& endpoint, std::string_view path);

// What to try if nothing is answered at this address.
std::string address_advice(const Endpoint& endpoint);

// A URL for messages: values in its query are `…`, because they may be keys; not `api-version`.
std::string shown_url(std::string_view url);
// Where a request goes, in the same way, with the socket if there is one.
std::string shown_address(const Endpoint& endpoint, std::string_view path);

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
