// Token estimates of images, audio and files in a request, not by the length of their base64.
#pragma once
#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skein {

// A fixed estimate for each message part that is not text. Servers count pixels, seconds and pages,
// which are not known here; `Estimate` corrects the result from the first usages.
//
//     image                 1,100   OpenAI at high detail: up to 1,105; Anthropic: up to 1,600
//     image, `detail: low`     85   OpenAI
//     audio                 1,500   a minute: OpenAI 600, Gemini 1,920
//     file                  3,000   a page or two of a PDF: Anthropic 1,500 to 3,000 a page
//     video                 5,000   about twenty seconds: Gemini 263 a second
std::int64_t media_tokens_in(json::Element messages);

// Bytes of base64 in a body that are the data of such parts.
std::size_t media_bytes_in(std::string_view body);

}  // namespace skein
