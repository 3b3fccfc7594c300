// The APIs that skein speaks, and what they make of a request.
#pragma once
#include "dialect/request/address.hpp"
#include "dialect/seam/dialect.hpp"
#include "model/endpoint_set.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace skein {

// All dialects.
std::span<const Dialect* const> dialects();

// The dialect of the endpoint.
const Dialect& dialect_of(Api api);
inline const Dialect& dialect_of(const Endpoint& endpoint) { return dialect_of(endpoint.api); }

// The reason if the request cannot go to the endpoint.
std::optional<std::string> misfit(const Endpoint& endpoint, const Prepared& request);

// Will the answer come as a stream? Some APIs stream a long one unasked.
bool is_streamed(const Endpoint& endpoint, const Prepared& request);

// The endpoints whose API cannot be asked for everything. Mostly there is none; then no request
// need be looked at.
std::vector<EndpointIndex> choosy_endpoints(const std::vector<Endpoint>& endpoints);

// The endpoints that cannot be asked for a request.
struct Misfits {
    EndpointSet endpoints{};
    bool are_all = false;
    std::string why{};  // The reason of the first one.
};

// `choosy`: `choosy_endpoints` of these endpoints.
Misfits misfits(
    const std::vector<Endpoint>& endpoints,
    std::span<const EndpointIndex> choosy,
    const Prepared& request
);

// The address of the request for messages, without keys in its query.
std::string shown_address(const Endpoint& endpoint, const Prepared& request);

// The body of an attempt, with the endpoint's `extra`. Nothing: the prepared body can be sent as it
// stands. `without`: added members that the server refuses.
std::optional<std::string> own_body(
    const Endpoint& endpoint, const Prepared& request, AddedMembers without = 0
);

// The body that the endpoint would get.
std::string body_at(const Endpoint& endpoint, const Prepared& request);

}  // namespace skein
