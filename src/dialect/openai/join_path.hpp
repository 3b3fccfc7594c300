// The address of an endpoint and the path of a request, made one.
#pragma once
#include <string>
#include <string_view>

namespace skein {

// `base` is the endpoint's address, `path` begins with a slash. What both name, they name once:
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
//
// A base with a path is the API's root and stands as it is, whether it names a version or not. A
// path of OpenAI's own API that names no version belongs below it; any other, such as vLLM's
// `/score`, is the server's own, beside the version.
std::string join_path(std::string_view base, std::string_view path);

}  // namespace skein
