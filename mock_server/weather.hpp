// The weather (fault scenario) of the mock server: its latencies, its limits and its faults.
#pragma once
#include "mock_server/distribution.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::mock {

// The kinds of faults. The README has an example of each.
enum class Mishap {
    status,
    hang_up,
    hang_up_reused,
    reset,
    truncate,
    cut_stream,
    done_without_finish,
    error_in_stream,
    bare_error_in_stream,
    blocked_prompt,
    no_text,
    stall,
    silence,
    trickle,
    slow_headers,
    bad_json,
    deep_json,
    bad_utf8,
    html,
    empty,
    huge,
    deflate_bomb,
    wrong_length,
    redirect,
    raw,
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

// One fault, and the requests that get it: those for which every condition below holds.
struct Rule {
    Mishap fault = Mishap::status;

    int status = 500;            // status
    std::string body{};          // status, raw
    HeaderLines headers{};       // status, redirect
    std::string location{};      // redirect
    std::size_t after_bytes{};   // truncate, reset, stall: of the body
    std::size_t after_tokens{};  // cut_stream, error_in_stream, bare_error_in_stream, stall
    std::size_t
        bytes{};  // trickle, slow_headers, huge, deflate_bomb, wrong_length; 0: as suits the fault
    Duration interval = std::chrono::milliseconds{10};  // trickle, slow_headers
    Duration after{};                                   // all: nothing happens before

    double rate = 1;                                // of the attempts, told by prompt and attempt
    std::optional<std::uint64_t> count{};           // the first n that reach this rule
    std::optional<std::uint64_t> every{};           // each n-th that reaches this rule
    std::optional<std::uint32_t> first_attempts{};  // of each request
    Duration from{};                                // of those that come so long after the weather
    Duration until{};                               // began, and before this; 0: without end
    std::string request{};                          // its id; empty: any
    std::string contains{};                         // in its prompt; empty: any

    bool operator==(const Rule&) const = default;
};

struct Weather {
    std::uint64_t seed = 1;
    Distribution latency{};      // of a plain answer
    Distribution first_token{};  // of a stream, after its head
    Distribution per_token{};    // of a stream, for each token after the first
    double rpm = 0;              // requests per minute; 0: no limit
    double burst = 0;            // requests at once under `rpm`; 0: those of one second
    bool require_key = false;    // 401 for a request without a key
    std::string key{};           // the only one that is right; empty: each is
    bool keep_alive = true;      // or every answer closes its connection
    std::vector<Rule> faults{};  // the first one that applies counts

    bool operator==(const Weather&) const = default;
};

std::string_view name_of(Mishap mishap);
std::optional<Mishap> mishap_named(std::string_view name);

// `file:line:column: what is wrong`.
struct WeatherError {
    std::string text{};
};
[[noreturn]] void throw_exception_from_error(
    const WeatherError& error, const boost::source_location& where
);
using WeatherResult = boost::system::result<Weather, WeatherError>;

// Reads YAML (JSON is a part of it). A missing key has its default of `Weather{}`; an unknown key
// is an error. `name` stands for the text in messages.
WeatherResult parse_weather(std::string_view text, const std::string& name = "weather");
WeatherResult load_weather(const std::string& file);

// JSON that `parse_weather` reads back as the same weather.
std::string to_json(const Weather& weather);

}  // namespace skein::mock
