// What servers said, on its way into our messages: without keys, cut short, valid.
#pragma once
#include <skein/settings.hpp>

#include <string>
#include <string_view>

namespace skein {

// `text` without the endpoint's key, and without the values of those of its own header lines that
// carry one. Servers quote keys back.
std::string redacted(std::string text, const Endpoint& endpoint);

// Its beginning, safe to show on a terminal: for our own sentences.
std::string excerpt(std::string_view text, const Endpoint& endpoint);

// For `Fault::body`: valid UTF-8, at most 64 KiB, cut between characters.
std::string kept_body(std::string_view text, const Endpoint& endpoint);

// For `Fault::remote_message`: valid UTF-8, at most 2 kB, cut between characters.
std::string remote_words(std::string_view text, const Endpoint& endpoint);

}  // namespace skein
