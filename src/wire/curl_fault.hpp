// Maps libcurl's result codes to fault kinds.
#pragma once
#include <skein/fault.hpp>

#include <curl/curl.h>

#include <optional>
#include <string>
#include <string_view>

namespace skein::wire {

// Progress of an exchange when libcurl gave it up.
struct Progress {
    bool sent = false;       // The connection was up, TLS included: the request may have left.
    bool reused = false;     // The connection had served another request before.
    bool received = false;   // A byte of the answer has arrived.
    bool answering = false;  // The head of the answer was complete.
};

// Total function: every code, known or unknown, has a fault kind. Nothing for CURLE_OK.
std::optional<FaultKind> fault_of_curl(CURLcode code, const Progress& progress);

// libcurl's message, with a hint if it looks as if one side used TLS and the other did not.
std::string words_of_curl(CURLcode code, std::string_view said, bool tls);

}  // namespace skein::wire
