// libcurl's words to ours.
#pragma once
#include <skein/fault.hpp>

#include <curl/curl.h>

#include <optional>
#include <string>
#include <string_view>

namespace skein::wire {

// How far an exchange had come when libcurl gave it up.
struct Progress {
    bool sent = false;       // The connection stood, TLS included: the request may have left.
    bool reused = false;     // On a connection that had served another request before.
    bool received = false;   // A byte of the answer came.
    bool answering = false;  // The head of the answer was complete.
};

// Total: every code, known or not, has a kind. Nothing for CURLE_OK.
std::optional<FaultKind> fault_of_curl(CURLcode code, const Progress& progress);

// What libcurl said, and where it looks as if one side spoke TLS and the other did not, that.
std::string words_of_curl(CURLcode code, std::string_view said, bool tls);

}  // namespace skein::wire
