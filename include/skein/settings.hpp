/// What may be set, with every default. Plain structs, made for `{.in_flight = 128}`.
#pragma once
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

/// How an endpoint speaks: its dialect.
enum class Api : std::uint8_t { openai };

/// Somebody who answers: a name, an address, a key, its own limits.
struct Endpoint {
    std::string name = "main";
    Api api = Api::openai;
    /// The base URL, to which each request adds its path: `https://host[:port][/path][?query]`. An
    /// empty path becomes `/v1`; any other stands as it is. `http` to this machine only, unless
    /// `allow_plaintext`. `unix:FILE` and `unix:FILE:/path` is a unix socket. `mock:` runs a mock
    /// server inside this process; `mock:FILE` gives it the behaviour of a YAML file.
    std::string url{};
    bool exact_url = false;  ///< `url` is the whole address of each request: nothing is added.
    std::string model{};     ///< Replaces the request's own. Empty: the request names it.
    Secret api_key{};        ///< Sent as `Authorization: Bearer`. Empty: not sent.
    /// Read again when the server refuses the key (401). If it holds another key by then, the
    /// requests go on with that one; if not, the endpoint is closed. Empty: there is no file.
    std::string api_key_file{};
    /// A program and its arguments (no shell) that prints the key. It is run before the first
    /// request, when the key is refused, and when the key is older than `api_key_lifetime`; for 30
    /// s at most, never twice at once. Empty: there is none. Excludes `api_key` and `api_key_file`.
    std::vector<std::string> api_key_command{};
    Duration api_key_lifetime{};  ///< Of a key that a command prints. 0: until it is refused.
    std::vector<std::pair<std::string, std::string>> headers{};  ///< Sent with every request.
    /// A later tier serves only while no endpoint of an earlier one is well. Busy is well. 0 to
    /// 100.
    int tier = 0;
    double weight = 1;  ///< An endpoint of twice the weight bears twice as many. 0.01 to 100.
    std::size_t in_flight = 0;  ///< Most attempts at once here. 0: only the cap of all.
    double rpm = 0;             ///< Published requests per minute. 0: no such limit.
    double tpm = 0;             ///< Published tokens per minute. 0: no such limit.
    double input_price = 0;     ///< Of a million tokens of a prompt, in the currency of `max_cost`.
    double output_price = 0;    ///< Of a million tokens of an answer.
    /// More certificates to trust (PEM). Verification stays on. The system's stay trusted where
    /// libcurl keeps them in a folder, as Debian does; elsewhere these replace them.
    std::string ca_file{};
    std::string client_cert{};  ///< Our own certificate (PEM), for servers that ask for one.
    std::string client_key{};   ///< Its private key (PEM, no passphrase). Empty: in `client_cert`.
    /// `http://host:port`, `https://host:port` or `socks5h://host:port`, which looks up the names;
    /// `environment`: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say. Empty: none. Never
    /// used for this machine.
    std::string proxy{};
    Secret proxy_login{};          ///< `user:password` for the proxy. Empty: none.
    bool allow_plaintext = false;  ///< Allow `http` to hosts other than loopback.
    std::string key_from{};        ///< Where the key came from, for messages: `$MAIN_API_KEY`.
};

/// Each is a duration of one step, but `request`: of all of them. Zero: no such limit. The defaults
/// wait for a server that has a queue or reads a long prompt as long as its connection lives.
struct Timeouts {
    Duration connect = std::chrono::seconds{5};  ///< Name, address and TLS together.
    /// From the request's start to the first byte of the answer. None: 10 minutes for a streamed
    /// answer, as long as `attempt` for a plain one.
    std::optional<Duration> first_byte{};
    Duration idle = std::chrono::minutes{10};  ///< Between two arrivals of bytes.
    /// Between two events of a stream with content, and from the request's start to the first one.
    Duration content = std::chrono::minutes{10};
    Duration attempt = std::chrono::minutes{30};  ///< One attempt in all.
    /// One request in all, from the start of its first attempt; the time that it waits before that,
    /// in line, for a rate or for an endpoint, does not count. An endpoint that has been away for
    /// longer is given up.
    Duration request = std::chrono::hours{1};
};

/// The pause before attempt n+1 is anywhere between zero and min(most, base · 2^(n−1)). While other
/// requests are answered it does not grow: then it is at most a fifth of `base`, and `base` after
/// 429, 503 and 529. Where the server names the pause, there is no other.
struct BackoffSettings {
    Duration base = std::chrono::milliseconds{500};
    Duration most = std::chrono::seconds{8};
    Duration throttled_base = std::chrono::seconds{1};   ///< After 429, 503 and 529.
    Duration throttled_most = std::chrono::seconds{60};  ///< After 429, 503 and 529.
};

/// What an answer may cost us in memory. Counted on decoded bytes.
struct ReadLimits {
    std::size_t headers = 256 * 1024;
    std::size_t body = 64 * 1024 * 1024;   ///< An answer; of a stream all of it, framing included.
    std::size_t line = 8 * 1024 * 1024;    ///< One line of a stream.
    std::size_t event = 16 * 1024 * 1024;  ///< One event of a stream.
    std::size_t depth = 64;                ///< Nesting of the JSON in it.
};

struct Settings {
    /// 1 to 100, each with a name of its own; may be none where there is a local pool.
    std::vector<Endpoint> endpoints{};
    std::optional<LocalPool> local{};  ///< Models on this machine: the last tier.
    /// How long all endpoints must have been away before the local pool serves; at once where they
    /// are closed for the run (key refused, billing). The time a model takes to load runs
    /// meanwhile.
    Duration fallback_after = std::chrono::seconds{10};
    std::size_t in_flight = 64;  ///< Most attempts on the wire at once. 1 to 100,000.
    /// Most requests held at once: admitted and not yet handed to their caller (for `map`: to its
    /// reader). Those asked beyond it wait outside, and their deadline has not begun.
    std::size_t window = 16'384;
    std::size_t window_bytes = 256 * 1024 * 1024;  ///< The same, in bytes of requests.
    /// For one request, the first included. 1 to 100. An attempt that never left, and one that was
    /// told to wait (429, a loading model, Retry-After), uses up none of them.
    int attempts = 4;
    /// An answer that is late to begin (later than 95 % of its endpoint's, and by a second at
    /// least) is asked for at another endpoint as well; the first one counts, the other is
    /// cancelled and may still be billed. Never more than 5 % of the requests.
    bool hedging = false;
    /// What this client may use up in all, checked before an attempt is sent; 0: no such limit. For
    /// tokens and cost an attempt counts with its prompt, as we estimate it, and `max_tokens` of
    /// the request, until the server has told; so requests should name theirs. What might pass a
    /// limit is not sent: `over_budget`.
    std::uint64_t max_requests = 0;  ///< Attempts, retries included.
    std::uint64_t max_tokens = 0;    ///< Of prompts and answers.
    double max_cost = 0;             ///< By the prices of the endpoints.
    /// The longest pause an endpoint may ask for (Retry-After) and still be waited for. Where no
    /// other endpoint is left, a longer one is a fault, `parked`.
    Duration longest_park = std::chrono::minutes{15};
    /// An endpoint that has never answered anything is given up for the run after this long.
    /// Zero: it is tried for ever.
    Duration first_answer = std::chrono::seconds{30};
    /// The run stops when the first requests that ended, as many as this, all got the same refusal
    /// and no request an answer. 0: it does not stop.
    std::size_t same_refusals = 0;
    Timeouts timeouts{};
    BackoffSettings backoff{};
    ReadLimits read{};
    /// Threads that carry bytes. 0: the control thread does. None: one, and a second where more
    /// than 2,000 may be in flight.
    std::optional<std::size_t> wire_threads{};
    std::uint64_t seed = 0;  ///< Of the jitter. 0: a different one every time.
    LogFunction log{};       ///< Called for what an operator should know. May be empty.
};

}  // namespace skein
