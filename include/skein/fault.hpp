/// Why an attempt or a request failed. A fault is a value, never an exception.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

/// Every way to fail, closed. What each means for retries, for the endpoint and for the bill
/// stands in one table (`src/model/fault_table.cpp`), which the functions below read.
enum class FaultKind : std::uint8_t {
    connect,             ///< The name did not resolve, or nobody answered at the address.
    unknown_host,        ///< No such name, nor ever was. The endpoint is closed for the run.
    tls_handshake,       ///< TLS could not be agreed on.
    tls_trust,           ///< The certificate is not to be trusted. Never retried.
    timeout_connect,     ///< Connecting, TLS included, took longer than `timeouts.connect`.
    timeout_first_byte,  ///< Nothing came back within `timeouts.first_byte`.
    timeout_idle,        ///< The answer began and then stood still for `timeouts.idle`.
    timeout_attempt,     ///< The attempt took longer than `timeouts.attempt`.
    connection_lost,     ///< The connection broke after the request was sent.
    keepalive_race,      ///< A kept connection had died; nothing came back on it.
    truncated,           ///< The answer ended before the length it had announced.
    refused,             ///< The server said that it did not look at the request (HTTP/2).
    protocol,            ///< HTTP/2 framing went wrong.
    bad_response,        ///< An answer that is not what the API promises.
    too_large,           ///< The answer was larger than the limits allow to hold.
    redirect_refused,    ///< A 3xx. Redirects are never followed: keys would travel with them.
    incomplete_stream,   ///< The stream ended without saying that it was complete.
    rejected,            ///< A 4xx (or 501, 505, 511): the request itself is at fault.
    context_exceeded,    ///< The request is longer than the model's context.
    auth,                ///< 401: the key is wrong. The endpoint is closed for the run.
    key_renewed,         ///< 401 for a key that has been replaced by another one since.
    forbidden,  ///< 403: this request may not be asked. Five in a row, before any answer, close it.
    not_found,  ///< 404: no such model or path. Five in a row, before any answer, close it.
    quota,      ///< Billing or spending limit reached. The endpoint is closed for the run.
    throttled,  ///< 429: too fast.
    overloaded,    ///< 503, 529: the server is too busy.
    not_ready,     ///< 503 while a model is loading.
    server_error,  ///< 408, 409, 425, 500, 502, 504, 520–527 … `src/dialect/status.cpp`.
    worker_died,   ///< The local worker that was at it died, or had to be killed.
    deadline,      ///< The request's own deadline passed, or would pass before it could end.
    cancelled,     ///< `cancel()` was called, or the client went away.
    parked,        ///< The endpoint asked for a pause longer than we agree to wait.
    no_endpoint,   ///< No endpoint is left that could serve.
    over_budget,   ///< It might pass `max_requests`, `max_tokens` or `max_cost`: not sent.
    bad_input,     ///< The input line, or the request given by the caller, cannot be sent.
    internal,      ///< Our own failure: out of memory, or a callback that threw.
};

/// Where the fault arose: here (it never got there, or we gave up) or at the other side.
enum class Origin : std::uint8_t { local, remote };

/// May the server have worked on the attempt, and billed it?
enum class Executed : std::uint8_t { no, maybe, yes };

struct Fault {
    FaultKind kind = FaultKind::internal;
    std::string detail{};          ///< Our words: what happened and where. No secrets, valid UTF-8.
    std::string remote_message{};  ///< Their words, cut to 2 kB, foreign text. Empty if none.
    /// Of an answer with a success status (2xx) that was refused or broke off: its body, or as much
    /// of a stream as could be put together, cut to 64 KiB. It may have been paid for. UTF-8,
    /// without keys; may be anything else. Empty for all other faults.
    std::string body{};
    int http_status = 0;                    ///< 0 if there was no response.
    std::optional<Duration> retry_after{};  ///< The pause the endpoint asked for, if it did.
    std::optional<bool> should_retry{};     ///< The server's `x-should-retry`, if it sent one.
};

/// The standard name, as in output lines: `timeout_idle`.
std::string_view to_string(FaultKind kind);

/// The kind with this name; nothing if there is none.
std::optional<FaultKind> fault_kind_of(std::string_view name);

/// Is another attempt worth making at all? (How many, and when, is for the settings.)
bool is_retryable(FaultKind kind);

Origin origin_of(FaultKind kind);

Executed executed(FaultKind kind);

}  // namespace skein
