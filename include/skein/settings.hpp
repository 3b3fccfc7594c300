/// All settings, with their defaults. Plain aggregates for designated initializers:
/// `{.in_flight = 128}`. Ranges are checked by the Client and by `load_job`, not by the structs.
#pragma once
#include <skein/fault.hpp>
#include <skein/local.hpp>
#include <skein/log.hpp>
#include <skein/secret.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein {

/// The API dialect of an endpoint. `raw`: any POST of JSON, as `Endpoint::raw` describes it.
enum class Api : std::uint8_t { openai, responses, anthropic, gemini, azure, raw };

/// How the API key is sent: `usual` as the API has it, `bearer` as `Authorization: Bearer`, `none`
/// not at all, `header` as the value of the header `Endpoint::auth_header`.
enum class Auth : std::uint8_t { usual, bearer, none, header };

/// Prices of a million tokens, in the currency of `max_cost`. A price that is not given is that of
/// the tokens it is a part of: cached and cache-writing tokens of the prompt, reasoning tokens of
/// the answer, and one hour of a cache of its writing.
struct Prices {
    double input = 0;
    double output = 0;
    std::optional<double> cached{};          ///< Prompt tokens that were read from a cache.
    std::optional<double> cache_write{};     ///< Prompt tokens that were written to a cache.
    std::optional<double> cache_write_1h{};  ///< Of these, the tokens that are kept for an hour.
    std::optional<double> reasoning{};       ///< Answer tokens that are reasoning.
};

/// Other prices, for the answers that these conditions hold for. The last such rule counts.
struct PriceRule {
    std::string service_tier{};            ///< The tier that the answer names. Empty: any.
    std::int64_t above_input_tokens = -1;  ///< More prompt tokens than this. -1: any number.
    Prices prices{};
};

/// One server that answers requests: its name, address, key and own limits.
struct Endpoint {
    std::string name = "main";
    Api api = Api::openai;
    /// The base URL, to which each request adds its path: `https://host[:port][/path][?query]`. An
    /// empty path becomes `/v1`; any other path is kept. `http` is allowed to loopback only, unless
    /// `allow_plaintext` is set. `unix:FILE` and `unix:FILE:/path` name a unix socket. `mock:` runs
    /// a mock server inside this process; `mock:FILE` reads its behaviour from a YAML file.
    std::string url{};
    bool exact_url = false;  ///< True: `url` is the complete address; no path is added.
    std::string model{};     ///< Replaces the request's model. Empty: the request names it.
    Secret api_key{};        ///< Empty: no header for a key.
    Auth auth = Auth::usual;
    std::string auth_header{};  ///< The name of the header, for `Auth::header`.
    /// The version of the API. Anthropic: the header `anthropic-version` (`2023-06-01`). Gemini:
    /// the beginning of the path (`v1beta`). Azure: the query `api-version`; empty: its version 1,
    /// which has none. Empty: the API's usual one.
    std::string api_version{};
    std::int64_t max_tokens = 0;  ///< For requests that set no limit. 0: none. Anthropic needs one.
    std::vector<std::string> drop{};  ///< Members that are left out of every request.
    std::string extra{};  ///< The text of a JSON object, whose members are added to every request.
    /// In which points the server differs from OpenAI's API, by the words of `docs/apis.md`.
    std::vector<std::string> compat{};
    /// For `Api::raw`: the text of a JSON object that says where the parts of a request go, and
    /// where those of an answer stand (`docs/apis.md`).
    std::string raw{};
    /// Faults after which a request goes on to another endpoint, by the endpoint's name: this
    /// endpoint cannot serve the request, and that one may.
    std::vector<std::pair<FaultKind, std::string>> on{};
    /// A file with the key, read again when the server refuses the key (401). If the file then
    /// holds another key, the requests go on with that key; otherwise the endpoint is closed.
    /// Empty: no file.
    std::string api_key_file{};
    /// A program and its arguments (no shell) that prints the key. It runs before the first
    /// request, when the key is refused, and when the key is older than `api_key_lifetime`. It is
    /// killed after 30 s, and never runs twice at once. Empty: no program. Excludes `api_key` and
    /// `api_key_file`.
    std::vector<std::string> api_key_command{};
    Duration api_key_lifetime{};  ///< For `api_key_command`. 0: the key is kept until refused.
    std::vector<std::pair<std::string, std::string>> headers{};  ///< Sent with every request.
    /// Priority, 0 to 100: an endpoint of a later tier serves only while no endpoint of an earlier
    /// tier is healthy. A busy endpoint is healthy.
    int tier = 0;
    double weight = 1;  ///< Share of the load: twice the weight, twice the attempts. 0.01 to 100.
    std::size_t in_flight = 0;  ///< Maximum of concurrent attempts. 0: only the global limit.
    double rpm = 0;             ///< Rate limit, requests per minute. 0: no limit.
    double tpm = 0;             ///< Rate limit, tokens per minute. 0: no limit.
    double input_tpm = 0;       ///< Rate limit, prompt tokens per minute. 0: no limit.
    double output_tpm = 0;      ///< Rate limit, answer tokens per minute. 0: no limit.
    Prices prices{};
    std::vector<PriceRule> price_rules{};
    /// Additional CA certificates (PEM). Verification stays on. The system's certificates stay
    /// trusted if libcurl finds them in a folder, as on Debian; otherwise this file replaces them.
    std::string ca_file{};
    std::string client_cert{};  ///< Client certificate (PEM), for mutual TLS.
    std::string client_key{};   ///< Its private key (PEM, no passphrase). Empty: in `client_cert`.
    /// `http://host:port`, `https://host:port` or `socks5h://host:port`; the proxy resolves the
    /// names. `environment`: use HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. Empty: no proxy.
    /// Loopback addresses never go through a proxy.
    std::string proxy{};
    Secret proxy_login{};          ///< `user:password` for the proxy. Empty: none.
    bool allow_plaintext = false;  ///< Allow `http` to hosts other than loopback.
    std::string key_from{};        ///< The source of the key, for messages: `$MAIN_API_KEY`.
    /// The source of the prices, for messages: `prices.json, entry groq/m`. Empty: the job itself.
    std::string prices_from{};
};

/// Time limits. Zero: no such limit. Each limits one step of an attempt, except `request`, which
/// limits the whole request. The defaults are long, because a server may queue a request or read a
/// long prompt for minutes while the connection is fine.
struct Timeouts {
    Duration connect = std::chrono::seconds{5};  ///< DNS, connection and TLS together.
    /// From the start of the attempt to the first byte of the answer. None: 10 minutes for a
    /// streamed answer, as long as `attempt` for a plain one.
    std::optional<Duration> first_byte{};
    Duration idle = std::chrono::minutes{10};  ///< Between two arrivals of bytes.
    /// Between two stream events with content, and from the start of the attempt to the first such
    /// event.
    Duration content = std::chrono::minutes{10};
    Duration attempt = std::chrono::minutes{30};  ///< One attempt, from start to end.
    /// One request with all its attempts, from the start of the first attempt. The wait before it
    /// (in the queue, for a rate limit, for an endpoint) does not count. An endpoint that has been
    /// unavailable for longer is given up.
    Duration request = std::chrono::hours{1};
};

/// The pause before attempt n+1 is anywhere between zero and min(max, base · 2^(n−1)): exponential
/// backoff with full jitter. While other requests are answered, the pause does not grow: it is at
/// most a fifth of `base`, or `base` after 429, 503 and 529. A pause that the server names
/// (Retry-After) is used instead.
struct BackoffSettings {
    Duration base = std::chrono::milliseconds{500};
    Duration max = std::chrono::seconds{8};
    Duration throttled_base = std::chrono::seconds{1};  ///< After 429, 503 and 529.
    Duration throttled_max = std::chrono::seconds{60};  ///< After 429, 503 and 529.
};

/// Maximum sizes of an answer in bytes, counted after decompression, so that no answer can exhaust
/// the memory. An answer above one of these sizes is the fault `too_large`.
struct ReadLimits {
    std::size_t headers = 256 * 1024;
    std::size_t body = 64 * 1024 * 1024;   ///< The whole answer; of a stream with its framing.
    std::size_t line = 32 * 1024 * 1024;   ///< One line of a stream; of Responses one holds all.
    std::size_t event = 32 * 1024 * 1024;  ///< One event of a stream.
    std::size_t depth = 64;                ///< Maximum nesting of JSON.
};

/// What an answer must satisfy. An answer that does not is the fault `invalid_output`.
struct Expect {
    /// The text of a JSON Schema that the text of the first choice must satisfy, as one JSON value.
    /// It is also sent with each chat that names no `response_format`. A chat that names one with a
    /// schema is checked by its own. Empty: none.
    std::string schema{};
    /// Answers in all for one request, the first included: an answer that does not satisfy the
    /// schema is asked again with the errors. 1 to 10; 1 never asks again.
    int schema_attempts = 3;
    bool json = false;                  ///< The text must be one JSON value.
    std::vector<std::string> finish{};  ///< The allowed `finish_reason`s. Empty: any.
    std::string match{};                ///< A regular expression (RE2) that the text must contain.

    bool any() const { return !schema.empty() || json || !finish.empty() || !match.empty(); }
};

/// The settings of a client. Copied by the Client's constructor.
struct Settings {
    /// 1 to 100 endpoints, each with a unique name; may be empty if there is a local pool.
    std::vector<Endpoint> endpoints{};
    std::optional<LocalPool> local{};  ///< Models on this machine: the last tier of the fallback.
    /// How long all endpoints must have been unavailable before the local pool serves. The pool
    /// serves at once if they are closed for the run (key refused, billing). A model that loads on
    /// demand loads during this time.
    Duration fallback_after = std::chrono::seconds{10};
    std::size_t in_flight = 64;  ///< Maximum of concurrent attempts. 1 to 100,000.
    /// Back-pressure: the maximum of requests admitted and not yet handed to the caller (for `map`:
    /// to its reader). A request beyond it waits outside the window, and its deadline does not run.
    std::size_t window = 16'384;
    std::size_t window_bytes = 256 * 1024 * 1024;  ///< The same, in bytes of requests.
    /// For `Client::stream`: bytes of pieces that wait for one reader. Beyond it the transfer of
    /// that request is paused.
    std::size_t chunk_buffer = 64 * 1024;
    /// Maximum of attempts for one request, the first included. 1 to 100. An attempt that was never
    /// sent, and an attempt that was told to wait (429, a loading model, Retry-After), do not
    /// count.
    int attempts = 4;
    /// Hedged requests: if an answer has not begun after the 95th percentile of its endpoint's
    /// times to first byte (1 s at least), the request is also sent to another endpoint. The first
    /// answer wins; the other attempt is cancelled, and may still be billed. At most 5 % of the
    /// requests are hedged.
    bool hedging = false;
    /// Budgets for the life of the client, checked before an attempt is sent; 0: no limit. Until
    /// the server has reported its usage, an attempt counts with an estimate of its prompt tokens
    /// plus the request's `max_tokens`; so requests should set `max_tokens`. A request that might
    /// exceed a budget is not sent, and gets the fault `over_budget`.
    std::uint64_t max_requests = 0;  ///< Attempts, retries included.
    std::uint64_t max_tokens = 0;    ///< Tokens of prompts and answers.
    double max_cost = 0;             ///< Cost by the prices of the endpoints.
    /// The longest Retry-After that is honoured. A longer one is the fault `parked` if no other
    /// endpoint is left.
    Duration max_retry_after = std::chrono::minutes{15};
    /// An endpoint that has never answered a request is given up for the run after this time.
    /// Zero: it is never given up for this reason.
    Duration first_answer = std::chrono::seconds{30};
    /// The run stops if the first N requests that end all get the same refusal, and no request an
    /// answer; N is this number. 0: no such stop.
    std::size_t same_refusals = 0;
    Timeouts timeouts{};
    BackoffSettings backoff{};
    ReadLimits read{};
    Expect expect{};
    /// True: `Completion::body` is the answer in the server's own form. False: it has the form of
    /// OpenAI's chat completions (completions, embeddings), whatever API served.
    bool native_body = false;
    /// Threads for network I/O. 0: the control thread does it. None: one thread, and a second one
    /// if `in_flight` is above 2,000.
    std::optional<std::size_t> wire_threads{};
    std::uint64_t seed = 0;  ///< Seed of the jitter. 0: a different one every time.
    LogFunction log{};       ///< Receives messages for the operator. May be empty.
};

}  // namespace skein
