// The probabilities of tokens: `logprobsResult`.
#pragma once
#include "json/json.hpp"

#include <string>

namespace skein::google {

// Appends the member `logprobs` of a choice, if the candidate has any.
void add_logprobs(std::string& out, json::Element candidate);

}  // namespace skein::google
