// Replies and pieces of answers as JSON.
#pragma once
#include <skein/request.hpp>

#include <string>

namespace skein::capi {

// All of a reply but the body of its answer, as one object.
std::string reply_json(const Reply& reply);

// The pieces of tool calls, as a list.
std::string calls_json(const Chunk& chunk);

}  // namespace skein::capi
