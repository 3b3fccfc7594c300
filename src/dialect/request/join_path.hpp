// Joins the base URL of an endpoint and the path of a request.
#pragma once
#include <string>
#include <string_view>

namespace skein {

// `base` is the endpoint's URL, `path` begins with a slash. A segment that both contain, such as
// the version, appears once in the result:
//
//     base                  path                      the URL
//     http://h/v1           /v1/chat/completions      http://h/v1/chat/completions
//     http://h              /v1/chat/completions      http://h/v1/chat/completions
//     http://h/openai/v1    /openai/v1/responses      http://h/openai/v1/responses
//     http://h/api/paas/v4  /v1/chat/completions      http://h/api/paas/v4/chat/completions
//     http://h/inference    /v1/chat/completions      http://h/inference/chat/completions
//     http://h/v1           /v2/rerank                http://h/v2/rerank
//     http://h/v1           /responses                http://h/v1/responses
//     http://h/v1           /score                    http://h/score
//     http://h/gate         /v1/models/m:run          http://h/gate/v1/models/m:run
//
// A base with a path is the root of the API and stays as it is, with or without a version. A path
// that ends in a method, behind a colon, has a version of its own. A path of OpenAI's API without a
// version goes below the root. Any other path without a version, such as vLLM's `/score`, belongs
// to the server and replaces the version.
std::string join_path(std::string_view base, std::string_view path);

}  // namespace skein
