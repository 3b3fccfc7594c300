/// Why an attempt or a request failed. A fault is a value, never an exception.
#pragma once
#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

/// Every way to fail; a closed enum. One table (`src/model/fault_table.cpp`) says what each kind
/// means for retries, for the endpoint and for the bill. The functions below read that table.
enum class FaultKind : std::uint8_t {
    connect,             ///< DNS look-up or connection failed. Nothing was sent.
    unknown_host,        ///< DNS: NXDOMAIN for a name that never resolved. Closes the endpoint.
    tls_handshake,       ///< The TLS handshake failed.
    tls_trust,           ///< The server's certificate is not trusted. Never retried.
    timeout_connect,     ///< Connecting, TLS included, took longer than `timeouts.connect`.
    timeout_first_byte,  ///< No byte of the answer came within `timeouts.first_byte`.
    timeout_idle,        ///< No byte for `timeouts.idle`, or no content for `timeouts.content`.
    timeout_attempt,     ///< The attempt took longer than `timeouts.attempt`.
    connection_lost,     ///< The connection broke after the request was sent.
    keepalive_race,      ///< A reused keep-alive connection was dead; no byte came back on it.
    truncated,           ///< The answer ended before its announced length.
    refused,             ///< HTTP/2: the server says that it did not process the request.
    protocol,            ///< HTTP/2: a framing error.
    bad_response,        ///< The answer does not have the form that the API documents.
    too_large,           ///< The answer was larger than the `read` limits allow.
    redirect_refused,    ///< A 3xx. Redirects are never followed: keys would travel with them.
    incomplete_stream,   ///< The stream ended without its end marker.
    rejected,            ///< A 4xx (or 501, 505, 511): the request itself is at fault.
    context_exceeded,    ///< The request is longer than the model's context window.
    filtered,            ///< A content filter refused the prompt, or took the answer away.
    invalid_output,      ///< The answer does not satisfy what is expected of it (`Expect`).
    auth,                ///< 401: the key is wrong. The endpoint is closed for the run.
    key_renewed,         ///< 401 for an old key; the endpoint has a newer one by now.
    forbidden,           ///< 403. Five in a row before the first answer close the endpoint.
    not_found,     ///< 404: no such model or path. Five in a row before the first answer close it.
    quota,         ///< Billing or spending limit reached. The endpoint is closed for the run.
    throttled,     ///< 429: too many requests.
    overloaded,    ///< 503, 529: the server is too busy.
    not_ready,     ///< 503 while a model is loading.
    server_error,  ///< 408, 409, 425, 500, 502, 504, 520–527 …: `src/dialect/http/status.cpp`.
    worker_died,   ///< The local worker that served the attempt died, or was killed.
    deadline,      ///< The request's deadline passed, or would pass before the next attempt.
    cancelled,     ///< `cancel()` was called, or the client was destroyed.
    parked,        ///< The endpoint asked for a pause longer than `max_retry_after`.
    no_endpoint,   ///< No endpoint is left that could serve the request.
    over_budget,   ///< Not sent: it might exceed `max_requests`, `max_tokens` or `max_cost`.
    bad_input,     ///< The input line, or the request given by the caller, cannot be sent.
    internal,      ///< An error in skein itself, such as lack of memory.
};

/// Where the fault arose. `local`: before the request reached the server, or because the client
/// gave up. `remote`: the server, or the connection to it, failed.
enum class Origin : std::uint8_t { local, remote };

/// Whether the server may have executed the attempt, and billed it.
enum class Executed : std::uint8_t { no, maybe, yes };

/// One failure, of an attempt or of a request.
struct Fault {
    FaultKind kind = FaultKind::internal;
    std::string detail{};          ///< skein's own words. Valid UTF-8, without secrets.
    std::string remote_message{};  ///< The server's words, untrusted, cut to 2 kB. May be empty.
    /// The body of an answer with a success status (2xx) that was unusable or incomplete; of a
    /// stream, as much as could be put together. Cut to 64 KiB. Kept because it may have been
    /// billed. UTF-8, without keys, otherwise untrusted. Empty for all other faults.
    std::string body{};
    int http_status = 0;                    ///< 0 if there was no response.
    std::optional<Duration> retry_after{};  ///< The pause that the endpoint asked for, if any.
    std::optional<bool> should_retry{};     ///< The server's `x-should-retry`, if it sent one.
};

/// The stable name of a kind, as in output lines: `timeout_idle`.
std::string_view to_string(FaultKind kind);

/// The kind with this name; empty if no kind has it.
std::optional<FaultKind> fault_kind_of(std::string_view name);

/// Whether a fault of this kind may be retried at the same endpoint. (The settings say how often,
/// and after which pause.)
bool is_retryable(FaultKind kind);

/// Where a fault of this kind arises.
Origin origin_of(FaultKind kind);

/// Whether an attempt that ended by this kind may have been executed.
Executed executed(FaultKind kind);

}  // namespace skein
