// A row that is a whole request: a line of a batch file.
#pragma once
#include "json/object.hpp"

#include <skein/error.hpp>
#include <skein/request.hpp>

#include <span>
#include <string>
#include <string_view>

namespace skein::job {

// Is the row one, whatever may be wrong with it? It has a `body` that is an object, and a
// `custom_id`, `url` or `method` beside it. Rows of pages or mails often have a `body` that is a
// text.
bool is_batch_row(const json::Object& row);

// The request of a row, in the forms that makers of services with OpenAI's API document:
//
//     {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {…}}   OpenAI,
//     vLLM …
//     {"custom_id": "a", "method": "POST", "url": "/chat/completions", "body": {…}}      Azure
//     OpenAI
//     {"custom_id": "a", "body": {…}}      Mistral, Together, Fireworks, Voyage, Volcengine
//
// Without a `url`, what the body has says where it goes: see `path_for`. The error says what is
// wrong, and not where.
Expected<Request, ConfigError> read_batch_row(const json::Object& row);

// The usual path for a body with these members: `messages` are for a chat, `prompt` is for a
// completion, `input` for embeddings, `query` for a rerank. Empty if it has none of them.
std::string_view path_for(std::span<const std::string> members);

// What to say of a row that is a whole request in another API's form, or one without its envelope,
// by the names of its members; empty for any other. Continues a sentence.
std::string advice_on_row(std::span<const std::string> members);

}  // namespace skein::job
