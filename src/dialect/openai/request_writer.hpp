// From what the caller asks to what can be sent to any endpoint.
#pragma once
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <string>
#include <string_view>

namespace skein {

// Makes the body. The members of `Request::body` are taken over byte for byte, but `model`. A
// streamed request asks for its count of tokens, unless it has `stream_options`; null there means
// that nothing of the kind is sent. `usual_model` is the one that the endpoints ask for; empty, if
// they leave it to the request or are not of one mind.
//
// The fault, `bad_input`, says what is wrong and what is allowed.
Expected<Prepared, Fault> prepare(const Request& request, std::string_view usual_model = {});

// The same request with another body, which differs in nothing but texts behind the model.
Prepared prepared_like(const Prepared& pattern, std::string body);

}  // namespace skein
