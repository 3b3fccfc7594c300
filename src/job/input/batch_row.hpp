// Rows that are whole requests: lines of a batch file.
#pragma once
#include "json/object.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <span>
#include <string>
#include <string_view>

namespace skein::job {

// True if the row is meant as a whole request, even if it has mistakes: its `body` is an object and
// it has a `custom_id`, `url` or `method`. A `body` that is a text does not count, because rows of
// web pages or mails often have one.
bool is_batch_row(const json::Object& row);

// The request of a row, in the forms that vendors of OpenAI-compatible services document:
//
//     OpenAI, vLLM …:  {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
//                       "body": {…}}
//     Azure OpenAI:    {"custom_id": "a", "method": "POST", "url": "/chat/completions",
//                       "body": {…}}
//     Mistral, Together, Fireworks, Voyage, Volcengine:  {"custom_id": "a", "body": {…}}
//
// Without a `url` the members of the body decide the path: see `path_for`. The error says what is
// wrong; the caller adds the line.
Expected<Request, ConfigError> read_batch_row(const json::Object& row);

// The usual path for a body with these members: `messages` for a chat, `prompt` for a completion,
// `input` for embeddings, `query` for a rerank. Empty if the body has none of them.
std::string_view path_for(std::span<const std::string> members);

// Advice for a row in the batch format of another API, or for a body without its envelope,
// recognised by the names of its members; empty for other rows. Continues a sentence.
std::string advice_on_row(std::span<const std::string> members);

}  // namespace skein::job
