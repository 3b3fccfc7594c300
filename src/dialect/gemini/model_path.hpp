// The model and the path of a request. The model stands in the path, and the method behind it.
#pragma once
#include "dialect/gemini/refusal.hpp"
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <string>
#include <string_view>

namespace skein::google {

// The endpoint's model, or else the request's; may be empty.
std::string_view model_of(const Endpoint& endpoint, const Prepared& request);

// `models/m` for `m`. A name that begins with `models/` or `tunedModels/` stays as it is.
std::string resource_of(std::string_view model);

// A missing model, or one whose name would lead the path to another place.
Refusal refusal_of_model(std::string_view model);

// Does the base URL lead to Google's models on Vertex? It then ends in `/publishers/google`, and
// has the version before the project, so that only `/models/M:generateContent` is left to say.
bool is_vertex(const Endpoint& endpoint);

// `/v1beta/models/M:generateContent`, `…:streamGenerateContent?alt=sse` for a stream, and
// `…:batchEmbedContents`. Of any other operation the path of the request. Returns a view into
// `made`, or into the request.
std::string_view path_of_model(
    const Endpoint& endpoint, const Prepared& request, std::string& made
);

}  // namespace skein::google
