#pragma once
#include "model/added_members.hpp"
#include "model/attempt.hpp"

#include <skein/fault.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// The added members of one attempt.
struct AddedTo {
    AddedMembers added = 0;    // Members that we add to its request.
    AddedMembers without = 0;  // Of these, the members that were left out.
};

// Learns which endpoints refuse a JSON member that skein adds by itself: `stream_options`, to which
// a strict server says "Extra inputs are not permitted". The refused request is sent once more
// without the member, which does not count as one of its attempts. Later requests to that endpoint
// omit the member too.
//
// A server may name the member although it is not the reason, for example because it quotes the
// request. When a request without the member is refused in the same way, the member is cleared: it
// is sent again for the rest of the run.
class RefusedMembers {
public:
    explicit RefusedMembers(std::size_t endpoints) : by_endpoint_(endpoints) {}

    // The members that requests to this endpoint omit.
    AddedMembers left_out(EndpointIndex endpoint) const;

    // Call for each failed attempt. True: send the request again, without the members that the
    // fault names.
    bool learn(EndpointIndex endpoint, const Fault& fault, const AddedTo& request);

    // A sentence for an operator about the last `learn`, once for an endpoint; mostly empty.
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
