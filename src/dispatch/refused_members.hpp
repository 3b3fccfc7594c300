#pragma once
#include "model/added_members.hpp"
#include "model/attempt.hpp"

#include <skein/fault.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// Of one attempt.
struct AddedTo {
    AddedMembers added = 0;    // What we add to its request,
    AddedMembers without = 0;  // and what was left out.
};

// Which endpoints refuse members that we add by ourselves: `stream_options`, of which a strict
// server says "Extra inputs are not permitted". Such a request is asked once more without it, at no
// cost of its attempts, and so is all that the endpoint is asked afterwards.
//
// A server may name the member without meaning it, for instance because it quotes the request. When
// a request without it is refused in the same way, the member is cleared for the run: it is sent
// again.
class RefusedMembers {
public:
    explicit RefusedMembers(std::size_t endpoints) : by_endpoint_(endpoints) {}

    // What requests to the endpoint go without.
    AddedMembers left_out(EndpointIndex endpoint) const;

    // An attempt has failed. Is it worth another one, without the members that the fault names?
    bool learn(EndpointIndex endpoint, const Fault& fault, const AddedTo& request);

    // What an operator should know of the last `learn`, once for an endpoint; empty if nothing.
    std::string news(const std::string& endpoint);

private:
    enum class State : std::uint8_t { sent, left_out, cleared };
    struct Known {
        std::array<State, added_members.size()> states{};
    };

    std::vector<Known> by_endpoint_;
    std::string news_{};
};

}  // namespace skein
