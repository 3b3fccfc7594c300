// Embeddings: `batchEmbedContents`, for one text as for many.
#pragma once
#include "dialect/gemini/refusal.hpp"
#include "dialect/seam/dialect.hpp"

#include <optional>
#include <string>

namespace skein::google {

// Writes the embeddings that the request asks for to `body`.
Refusal write_embeddings(const Endpoint& endpoint, const Prepared& request, std::string& body);

// The answer in the common form. Nothing: it holds no vectors.
std::optional<std::string> common_embeddings(json::Element root, const Answered& answered);

}  // namespace skein::google
