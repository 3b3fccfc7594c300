// What images, audio and files in a request cost, in tokens: not by the length of their base64.
#pragma once
#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skein {

// A fixed estimate for each part of a message that is no text. Servers count pixels, seconds and
// pages, which cannot be seen from here; the estimate of a run learns from the first usages.
//
//     an image                 1,100   OpenAI at high detail: at most 1,105; Anthropic: at most
//     1,600 an image, `detail: low`     85   OpenAI audio                    1,500   a minute:
//     OpenAI 600, Gemini 1,920 a file                   3,000   a page or two of a PDF: Anthropic
//     1,500 to 3,000 each a video                  5,000   some twenty seconds: Gemini 263 each
std::int64_t media_tokens_in(json::Element messages);

// The bytes of base64 in a body that are the data of such parts.
std::size_t media_bytes_in(std::string_view body);

}  // namespace skein
