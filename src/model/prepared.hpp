// A serialized request, ready for any endpoint. The API key is not in it, because the endpoint is
// chosen only when the attempt starts. For an endpoint with another model only the member `model`
// is replaced; the other members stay as they are.
#pragma once
#include "model/added_members.hpp"
#include "model/api_path.hpp"
#include "model/endpoint_set.hpp"
#include "model/operation.hpp"

#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

enum class Api : std::uint8_t;  // <skein/settings.hpp>

using Sequence = std::uint64_t;

struct Prepared {
    ApiPath path;
    Operation operation = Operation::chat;
    // A native request: its body is in the form of this API and goes to endpoints of this API only,
    // byte for byte but for the model. Nothing: the body is in the common form.
    std::optional<Api> native{};
    // The body for the endpoints' usual model: `{"model":"m","messages":[…],"stream":true}`.
    std::string body = "{}";
    std::size_t members_at = 1;  // Offset in `body` of the members after `model`.
    std::string model;           // The request's model; used if the endpoint names none.
    bool stream = false;
    bool may_have_schema = false;  // A chat with `response_format`, which may name one.
    bool wants_chunks = false;     // A reader waits for the pieces of the answer.
    // The members that skein added; they are the last ones of the body, in the table's order.
    AddedMembers added = 0;
    int choices = 1;                 // Number of answers requested for each prompt (`n`).
    int inputs = 1;                  // Number of prompts, or of texts to embed.
    std::int64_t media_tokens = 0;   // Estimate for images, audio and files.
    std::int64_t prompt_tokens = 0;  // Estimate of the prompt's tokens.
    std::int64_t max_answered = 0;   // The request's limit of answer tokens; 0: none.
    std::int64_t tokens = 0;         // Estimated total: prompt and answer.
    std::optional<Duration> deadline;
    // The endpoints that cannot be asked for this, because their API has no word for a part of it.
    EndpointSet cannot{};

    std::string_view members() const {
        if (members_at >= body.size()) return {};
        return std::string_view{body}.substr(members_at, body.size() - members_at - 1);
    }
    std::size_t bytes() const {
        return sizeof *this + path.view().size() + body.size() + model.size();
    }
};

// Shared by the dispatcher, which may retry, and by the attempt in flight, on another thread.
using RequestPtr = std::shared_ptr<const Prepared>;

}  // namespace skein
