// A request made ready to send to any endpoint: all but the key, which belongs to the endpoint, and
// the endpoint is chosen at the moment it can leave. One that wants another model gets the same
// members behind it.
#pragma once
#include "model/added_members.hpp"
#include "model/api_path.hpp"

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
    ApiPath path;
    // As it is sent where most will be: `{"model":"m","messages":[…],"stream":true}`.
    std::string body = "{}";
    std::size_t members_at = 1;  // Where in it the members but `model` begin.
    std::string model;           // The request's own; used where the endpoint names none.
    bool stream = false;
    // Members of the body that are ours; they end it, in the order of the table.
    AddedMembers added = 0;
    int choices = 1;                 // How many answers were asked for (`n`, for each prompt).
    int inputs = 1;                  // Prompts, or texts to embed: each has a part of the answer.
    std::int64_t media_tokens = 0;   // Of the estimate: images, audio, files.
    std::int64_t prompt_tokens = 0;  // An estimate.
    std::int64_t most_answered = 0;  // Tokens, as far as it says so.
    std::int64_t tokens = 0;         // Of what it will cost: the sum of both.
    std::optional<Duration> deadline;

    std::string_view members() const {
        if (members_at >= body.size()) return {};
        return std::string_view{body}.substr(members_at, body.size() - members_at - 1);
    }
    std::size_t bytes() const {
        return sizeof *this + path.view().size() + body.size() + model.size();
    }
};

// Shared by the dispatcher, which may try again, and the attempt that is under way.
using RequestPtr = std::shared_ptr<const Prepared>;

}  // namespace skein
