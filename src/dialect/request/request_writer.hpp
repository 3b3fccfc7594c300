// Prepares a Request: builds a body that can be sent to any endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <string>
#include <string_view>

namespace skein {

// Makes the body. The members of `Request::body` are copied byte for byte, except `model`. A
// streamed request without `stream_options` gets the member that asks for the usage;
// `stream_options: null` means that none is sent. `usual_model`: the model of all endpoints; empty
// if the request names its model, or if the endpoints differ. `response_format`: the value of that
// member for chats without one; may be empty. `is_streamed`: a request that can be streamed is made
// a streamed one, whatever it says itself.
//
// Errors: `bad_input`, with what is wrong and what is allowed.
Expected<Prepared, Fault> prepare(
    const Request& request,
    std::string_view usual_model = {},
    std::string_view response_format = {},
    bool is_streamed = false
);

// The same request with another body. The bodies may differ only in texts after the model.
Prepared prepared_like(const Prepared& pattern, std::string body);

}  // namespace skein
