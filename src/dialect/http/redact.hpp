// Redaction of untrusted text: removes API keys, cuts it short, repairs its UTF-8.
#pragma once
#include <skein/settings.hpp>

#include <string>
#include <string_view>

namespace skein {

// `text` without the endpoint's API key, the keys in its URL's query, and the values of its headers
// that carry a key. Needed because servers quote keys back.
std::string redacted(std::string text, const Endpoint& endpoint);

// The beginning of `text`, redacted and safe for a terminal: for quotes in messages.
std::string excerpt(std::string_view text, const Endpoint& endpoint);

// For `Fault::body`: valid UTF-8, at most 64 KiB, cut between characters.
std::string kept_body(std::string_view text, const Endpoint& endpoint);

// For `Fault::remote_message`: valid UTF-8, at most 2 kB, cut between characters.
std::string remote_words(std::string_view text, const Endpoint& endpoint);

}  // namespace skein
