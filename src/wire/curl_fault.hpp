// libcurl's words to ours.
#pragma once
#include <skein/fault.hpp>

#include <curl/curl.h>

#include <optional>

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

}  // namespace skein::wire
