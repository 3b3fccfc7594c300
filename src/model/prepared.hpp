// A request made ready to send to any endpoint: all but the model and the key, which belong to
// the endpoint, and the endpoint is chosen at the moment it can leave.
#pragma once
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

using Sequence = std::uint64_t;

struct Prepared {
    std::string_view path;  // `/v1/chat/completions`: one of a few constants, which live for ever.
    std::string members;  // The body's JSON members but `model`: `"messages":[…],"stream":true`.
    std::string model;    // The request's own; used where the endpoint names none.
    bool stream = false;
    int choices = 1;                 // How many answers one attempt must finish (`n`).
    std::int64_t prompt_tokens = 0;  // An estimate.
    std::int64_t most_answered = 0;  // Tokens, as far as it says so.
    std::int64_t tokens = 0;         // Of what it will cost: the sum of both.
    std::optional<Duration> deadline;

    std::size_t bytes() const { return sizeof *this + path.size() + members.size() + model.size(); }
};

// Shared by the dispatcher, which may try again, and the attempt that is under way.
using RequestPtr = std::shared_ptr<const Prepared>;

}  // namespace skein
