// Validates a whole Settings: one function per part, each of which appends its errors. The job file
// and the library share these rules, so that a job that passes `skein check` also starts.
// Invariant: no message contains a key, a header value, or a password.
// Reads the file system and proxy variables; any thread.
#include "settings/check/check_settings.hpp"

#include "base/find_program.hpp"
#include "json/json.hpp"
#include "json/text.hpp"
#include "local/plan/check_local.hpp"
#include "model/compat_words.hpp"
#include "settings/causes.hpp"
#include "settings/check/check_expect.hpp"
#include "settings/check/check_raw.hpp"
#include "settings/check_parts.hpp"
#include "settings/header_rules.hpp"
#include "settings/proxy.hpp"
#include "settings/ranges.hpp"
#include "settings/spelling.hpp"
#include "settings/url.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace skein {
namespace {

using config::add;
using config::check_duration;
using config::check_model;
using config::check_name;
using config::check_whole;
using config::Complaint;
using config::last_part;
using config::Mistakes;
using config::Range;

Complaint check_rate(const std::string& setting, double value) {
    if (value >= 0 && value <= config::range::max_per_minute)
        return std::nullopt;  // False for NaN.
    return ConfigError{
        setting, last_part(setting) + " must be a number from 0 (no such limit) to 1e12"};
}

// A line break in a key would add header lines to every request (header injection).
Complaint check_key(const std::string& setting, const Secret& key) {
    if (const auto wrong = config::check_header_value(key.reveal())) {
        return ConfigError{setting, "the key cannot be sent: " + *wrong};
    }
    return std::nullopt;
}

// Bodies are joined with it as text, so that it must be valid.
bool is_object_text(std::string_view text) {
    json::Element root;
    return !json::parse(text).get(root) && root.is_object();
}

// Each header must be sendable, and its name may stand once: of two values it would be open which
// one a server reads.
Complaint check_headers(const std::string& setting, const Endpoint& endpoint) {
    for (std::size_t i = 0; i < endpoint.headers.size(); ++i) {
        const auto& [name, value] = endpoint.headers[i];
        const auto where = setting + '[' + std::to_string(i) + ']';
        if (auto wrong = config::check_header_name(name)) return ConfigError{where, *wrong};
        if (const auto wrong = config::check_header_value(value)) {
            return ConfigError{
                where, "the value of the header " + name + " cannot be sent: " + *wrong};
        }
        for (std::size_t j = 0; j < i; ++j) {
            // Earlier headers only, so that a pair is reported once.
            if (!config::same_header(name, endpoint.headers[j].first)) continue;
            return ConfigError{where, "the header " + name + " is given twice"};
        }
    }
    return std::nullopt;
}

// Only looks whether the file is there, and not what is in it.
Complaint check_pem_file(
    const std::string& setting, const std::string& file, const std::string& what
) {
    std::error_code error;
    if (file.empty() || std::filesystem::is_regular_file(file, error)) return std::nullopt;
    return ConfigError{setting, "there is no " + what + " " + json::printable(file, 200)};
}

void check_certificates(const Endpoint& endpoint, const std::string& at, Mistakes& wrong) {
    add(wrong, check_pem_file(at + "ca_file", endpoint.ca_file, "CA file"));
    add(wrong, check_pem_file(at + "client_cert", endpoint.client_cert, "certificate"));
    add(wrong, check_pem_file(at + "client_key", endpoint.client_key, "key file"));
    // A certificate file may hold its own key, but a key without a certificate has no use.
    if (endpoint.client_key.empty() || !endpoint.client_cert.empty()) return;
    wrong.push_back({at + "client_key", "client_key needs client_cert, the certificate it is of"});
}

// A proxy of the environment is checked too, so that a wrong variable is found by `skein check`.
Complaint check_endpoint_proxy(const Endpoint& endpoint, const std::string& at) {
    auto proxy = config::proxy_for(endpoint, config::from_environment);
    if (proxy) return std::nullopt;
    return ConfigError{at + "proxy", proxy.error().what};
}

// The sources of the key: which of them may be combined.
void check_source_of_key(const Endpoint& endpoint, const std::string& at, Mistakes& wrong) {
    const bool has_command = !endpoint.api_key_command.empty();
    if (has_command && !(endpoint.api_key.empty() && endpoint.api_key_file.empty())) {
        wrong.push_back(
            {at + "api_key_command", "api_key_command excludes api_key and api_key_file"}
        );
    }
    // The program is looked up and not run: a check has no effects.
    if (has_command && find_program(endpoint.api_key_command.front()).empty()) {
        wrong.push_back(
            {at + "api_key_command",
             "there is no program " + json::printable(endpoint.api_key_command.front(), 200) +
                 " that could be run"}
        );
    }
    add(wrong, check_duration(at + "api_key_lifetime", endpoint.api_key_lifetime));
    if (endpoint.api_key_lifetime > Duration::zero() && !has_command) {
        wrong.push_back(
            {at + "api_key_lifetime", "api_key_lifetime is of a key that api_key_command prints"}
        );
    }
}

// Both bounds are allowed. `rule` describes the range for the message.
Complaint check_number(
    const std::string& setting, double value, double min, double max, const char* rule
) {
    if (value >= min && value <= max) return std::nullopt;  // False for NaN.
    return ConfigError{setting, last_part(setting) + " must be " + rule};
}

Complaint check_money(const std::string& setting, double value) {
    return check_number(setting, value, 0, config::range::max_money, "from 0 to 1e12");
}

// The words that say how a server differs from OpenAI's API. For other APIs they mean nothing.
void check_compat(const Endpoint& endpoint, const std::string& at, Mistakes& wrong) {
    if (endpoint.compat.empty()) return;
    if (endpoint.api != Api::openai && endpoint.api != Api::azure) {
        wrong.push_back({at + "compat", "compat is for api openai and azure; leave it out"});
    }
    for (std::size_t i = 0; i < endpoint.compat.size(); ++i) {
        const auto& word = endpoint.compat[i];
        if (std::ranges::find(compat_words, word) != compat_words.end()) continue;
        wrong.push_back(
            {at + "compat[" + std::to_string(i) + ']',
             "compat has no word '" + json::printable(word, 60) + "'" +
                 config::advice(word, compat_words)}
        );
    }
    if (is_compat(endpoint, compat::max_tokens) &&
        is_compat(endpoint, compat::max_completion_tokens)) {
        wrong.push_back(
            {at + "compat",
             "compat has max_tokens and max_completion_tokens, which exclude each other; keep the "
             "one that the server knows"}
        );
    }
}

void check_prices(const Prices& prices, const std::string& at, Mistakes& wrong) {
    add(wrong, check_money(at + "input_price", prices.input));
    add(wrong, check_money(at + "output_price", prices.output));
    add(wrong, check_money(at + "cached_price", prices.cached.value_or(0)));
    add(wrong, check_money(at + "cache_write_price", prices.cache_write.value_or(0)));
    add(wrong, check_money(at + "cache_write_1h_price", prices.cache_write_1h.value_or(0)));
    add(wrong, check_money(at + "reasoning_price", prices.reasoning.value_or(0)));
}

// How the key is sent.
void check_auth(const Endpoint& endpoint, const std::string& at, Mistakes& wrong) {
    const bool has_key = !endpoint.api_key.empty() || !endpoint.api_key_file.empty() ||
                         !endpoint.api_key_command.empty();
    if (endpoint.auth == Auth::none && has_key) {
        wrong.push_back({at + "auth", "auth is none, so the key would never be sent; leave one out"}
        );
    }
    const bool has_name = !endpoint.auth_header.empty();
    if ((endpoint.auth == Auth::header) != has_name) {
        wrong.push_back({at + "auth_header", "auth_header is the header's name for Auth::header"});
    }
    if (!has_name || config::same_header(endpoint.auth_header, "authorization")) return;
    if (auto why = config::check_header_name(endpoint.auth_header)) {
        wrong.push_back({at + "auth", std::move(*why)});
    }
}

// All rules of one endpoint. `at` is its prefix in messages: `endpoints[2].`.
void check_endpoint(const Endpoint& endpoint, const std::string& at, Mistakes& wrong) {
    namespace range = config::range;
    add(wrong, check_name(at + "name", endpoint.name, "an endpoint"));
    const bool is_exact = endpoint.exact_url || endpoint.api == Api::raw;
    const auto kind = is_exact ? config::UrlKind::exact : config::UrlKind::base;
    if (auto why = config::check_url(endpoint.url, {endpoint.allow_plaintext, kind})) {
        wrong.push_back({at + "url", *why});
    }
    add(wrong, check_model(at + "model", endpoint.model));
    add(wrong, check_key(at + "api_key", endpoint.api_key));
    add(wrong, check_headers(at + "headers", endpoint));
    if (endpoint.max_tokens != 0) {
        add(wrong, check_whole(at + "max_tokens", endpoint.max_tokens, range::answer_tokens));
    }
    if (!endpoint.extra.empty() && !is_object_text(endpoint.extra)) {
        wrong.push_back({at + "extra", "must be the text of a JSON object"});
    }
    check_compat(endpoint, at, wrong);
    check_auth(endpoint, at, wrong);
    config::check_raw(endpoint, at, wrong);
    add(wrong, check_whole(at + "in_flight", endpoint.in_flight, range::endpoint_in_flight));
    add(wrong, check_whole(at + "tier", std::int64_t{endpoint.tier}, range::tier));
    add(wrong,
        check_number(
            at + "weight",
            endpoint.weight,
            range::min_weight,
            range::max_weight,
            "a number from 0.01 to 100"
        ));
    check_prices(endpoint.prices, at, wrong);
    for (const auto& rule : endpoint.price_rules) {
        check_prices(rule.prices, at + "price_rules.", wrong);
    }
    add(wrong, check_rate(at + "rpm", endpoint.rpm));
    add(wrong, check_rate(at + "tpm", endpoint.tpm));
    add(wrong, check_rate(at + "input_tpm", endpoint.input_tpm));
    add(wrong, check_rate(at + "output_tpm", endpoint.output_tpm));
    add(wrong, check_endpoint_proxy(endpoint, at));
    check_certificates(endpoint, at, wrong);
    check_source_of_key(endpoint, at, wrong);
}

// The names are those of the struct Settings. For a job file `key_of` in config/job.cpp turns them
// into keys.
void check_durations(const Settings& settings, Mistakes& wrong) {
    const std::pair<const char*, Duration> durations[] = {
        {"max_retry_after", settings.max_retry_after},
        {"first_answer", settings.first_answer},
        {"fallback_after", settings.fallback_after},
        {"timeouts.connect", settings.timeouts.connect},
        // Not set is valid, so it is checked as zero.
        {"timeouts.first_byte", settings.timeouts.first_byte.value_or(Duration::zero())},
        {"timeouts.idle", settings.timeouts.idle},
        {"timeouts.content", settings.timeouts.content},
        {"timeouts.attempt", settings.timeouts.attempt},
        {"timeouts.request", settings.timeouts.request},
        {"backoff.base", settings.backoff.base},
        {"backoff.max", settings.backoff.max},
        {"backoff.throttled_base", settings.backoff.throttled_base},
        {"backoff.throttled_max", settings.backoff.throttled_max},
    };
    for (const auto& [name, value] : durations) {
        add(wrong, check_duration(name, value));
    }
}

void check_numbers(const Settings& settings, Mistakes& wrong) {
    namespace range = config::range;
    struct Number {
        const char* name;
        std::size_t value;
        Range range;
    };
    const Number numbers[] = {
        {"in_flight", settings.in_flight, range::in_flight},
        {"window", settings.window, range::window},
        {"window_bytes", settings.window_bytes, range::window_bytes},
        {"max_requests", settings.max_requests, range::max_requests},
        {"max_tokens", settings.max_tokens, range::max_tokens},
        {"same_refusals", settings.same_refusals, range::same_refusals},
        // Not set is valid, so any valid number stands in.
        {"wire_threads", settings.wire_threads.value_or(1), range::wire_threads},
        {"read.headers", settings.read.headers, range::read_bytes},
        {"read.body", settings.read.body, range::read_bytes},
        {"read.line", settings.read.line, range::read_bytes},
        {"read.event", settings.read.event, range::read_bytes},
        {"read.depth", settings.read.depth, range::read_depth},
    };
    for (const auto& number : numbers) {
        add(wrong, check_whole(number.name, number.value, number.range));
    }
    add(wrong, check_whole("attempts", std::int64_t{settings.attempts}, range::attempts));
}

// Names must be unique. Compares with earlier endpoints only, so that a pair is reported once.
Complaint check_own_name(const std::vector<Endpoint>& endpoints, std::size_t which) {
    for (std::size_t i = 0; i < which; ++i) {
        if (endpoints[i].name != endpoints[which].name) continue;
        return ConfigError{
            "endpoints[" + std::to_string(which) + "].name",
            "two endpoints are called " + endpoints[which].name +
                "; the name tells them apart in logs and output lines"};
    }
    return std::nullopt;
}

// Each fault of `on` leads to another endpoint, and to one only.
void check_ways_on(const std::vector<Endpoint>& all, std::size_t which, Mistakes& wrong) {
    const auto& endpoint = all[which];
    const auto at = "endpoints[" + std::to_string(which) + "].on";
    for (auto way = endpoint.on.begin(); way != endpoint.on.end(); ++way) {
        const auto kind = way->first;  // No binding, because clang 14 captures none.
        const auto& name = way->second;
        const auto is_same = [&](const auto& other) { return other.first == kind; };
        const auto cause = std::string{to_string(kind)};
        if (!config::may_be_cause(kind)) {
            wrong.push_back({at, "on may have " + config::causes_text() + ", not " + cause});
        } else if (name == endpoint.name) {
            wrong.push_back({at, cause + " must lead to another endpoint than " + name + " itself"}
            );
        } else if (std::ranges::find(all, name, &Endpoint::name) == all.end()) {
            wrong.push_back({at, cause + " leads to " + name + ", and no endpoint has this name"});
        } else if (std::any_of(endpoint.on.begin(), way, is_same)) {
            wrong.push_back({at, cause + " leads to two endpoints; keep one"});
        }
    }
}

// `may_be_none`: a local pool can serve alone.
void check_endpoints(const std::vector<Endpoint>& endpoints, bool may_be_none, Mistakes& wrong) {
    if (may_be_none && endpoints.empty()) return;
    if (!config::range::endpoints.holds(endpoints.size())) {
        wrong.push_back(
            {"endpoints",
             "there must be from 1 to 100 endpoints, not " + std::to_string(endpoints.size())}
        );
        return;
    }
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        check_endpoint(endpoints[i], "endpoints[" + std::to_string(i) + "].", wrong);
        add(wrong, check_own_name(endpoints, i));
        check_ways_on(endpoints, i, wrong);
    }
}

// A cost limit needs at least one price, because otherwise every answer would count as free.
Complaint check_budget(const Settings& settings) {
    if (auto wrong = check_money("max_cost", settings.max_cost)) return wrong;
    const bool has_price = std::ranges::any_of(settings.endpoints, [](const Endpoint& endpoint) {
        return endpoint.prices.input > 0 || endpoint.prices.output > 0;
    });
    if (settings.max_cost <= 0 || has_price) return std::nullopt;
    return ConfigError{
        "max_cost",
        "max_cost needs the price of a million tokens: give an endpoint its input_price and "
        "output_price"};
}

}  // namespace

// Endpoints come first, because `check_settings` returns the first error only.
std::vector<ConfigError> all_wrong_settings(const Settings& settings) {
    Mistakes wrong;
    check_endpoints(settings.endpoints, settings.local.has_value(), wrong);
    add(wrong, config::check_local(settings));
    add(wrong, check_budget(settings));
    check_numbers(settings, wrong);
    check_durations(settings, wrong);
    config::check_expect(settings.expect, wrong);
    return wrong;
}

std::optional<ConfigError> check_settings(const Settings& settings) {
    auto wrong = all_wrong_settings(settings);
    if (wrong.empty()) return std::nullopt;
    return std::move(wrong.front());
}

}  // namespace skein
