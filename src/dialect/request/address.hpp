// Builds the URL of a request for one endpoint.
#pragma once
#include <skein/settings.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein {

// Address of a request: a URL, or a unix socket and a URL.
struct Address {
    std::string url{};     // For a unix socket `http://localhost…`.
    std::string socket{};  // Path of the unix socket; empty: none.
};

// The endpoint's base URL joined with the path of a request (`join_path`):
//
//     https://host                  an empty path becomes /v1
//     https://host/inference        any other path stands as it is: + /chat/completions
//     https://host/x?api-version=1  the query stays at the end
//     unix:/run/llm.sock:/v1        the same behind the unix socket /run/llm.sock
//
// An endpoint with an exact URL, or of `api: raw`, is used as it stands, without the path.
Address address_for(const Endpoint& endpoint, std::string_view path);

// The reason if a request of this path cannot go to the endpoint: its exact URL is for another
// operation.
std::optional<std::string> misfit(const Endpoint& endpoint, std::string_view path);

// Advice for the operator if the address answers nothing.
std::string address_advice(const Endpoint& endpoint);

// A URL for messages. Values in its query are shown as `…`, because they may be keys; the value of
// `api-version` is shown.
std::string shown_url(std::string_view url);
// The address of a request for messages, with the unix socket if there is one.
std::string shown_address(const Endpoint& endpoint, std::string_view path);

}  // namespace skein
