#include "config/check.hpp"

#include "base/json_text.hpp"
#include "config/duration.hpp"
#include "config/header_rules.hpp"
#include "config/place.hpp"
#include "config/ranges.hpp"
#include "config/url.hpp"
#include "worker/preset.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>

namespace skein {
namespace {

using config::Complaint;
using config::Range;

std::string last_part(std::string_view setting) {
    return std::string{setting.substr(setting.rfind('.') + 1)};  // All of it if there is no dot.
}

Complaint check_whole(const std::string& setting, std::int64_t value, Range range) {
    if (value >= 0 && range.holds(static_cast<std::uint64_t>(value))) return std::nullopt;
    return ConfigError{
        setting,
        last_part(setting) + " must be " + range.text() + ", not " + std::to_string(value)};
}

Complaint check_whole(const std::string& setting, std::size_t value, Range range) {
    if (range.holds(value)) return std::nullopt;
    return ConfigError{
        setting,
        last_part(setting) + " must be " + range.text() + ", not " + std::to_string(value)};
}

Complaint check_duration(const std::string& setting, Duration value) {
    if (value >= Duration::zero() && value <= config::longest_duration) return std::nullopt;
    return ConfigError{setting, last_part(setting) + " must be from 0 s to a year (8760h)"};
}

Complaint check_rate(const std::string& setting, double value) {
    if (value >= 0 && value <= config::range::most_per_minute) return std::nullopt;  // Not for NaN.
    return ConfigError{
        setting, last_part(setting) + " must be a number from 0 (no such limit) to 1e12"};
}

Complaint check_name(const std::string& setting, std::string_view name) {
    constexpr std::size_t longest = 64;
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (plain && !name.empty() && name.size() <= longest) return std::nullopt;
    return ConfigError{
        setting,
        "an endpoint's name is 1 to 64 letters, digits, '-' and '_': it stands in every log"};
}

Complaint check_model(const std::string& setting, std::string_view model) {
    const bool has_control = std::any_of(model.begin(), model.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (!has_control && json::valid_utf8(model) == model) return std::nullopt;
    return ConfigError{
        setting, "there is a control character, or what is not UTF-8, in the model's name"};
}

Complaint check_key(const std::string& setting, const Secret& key) {
    if (const auto wrong = config::check_header_value(key.reveal())) {
        return ConfigError{setting, "the key cannot be sent: " + *wrong};
    }
    return std::nullopt;
}

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
            if (!config::same_header(name, endpoint.headers[j].first)) continue;
            return ConfigError{where, "the header " + name + " is given twice"};
        }
    }
    return std::nullopt;
}

Complaint check_ca_file(const std::string& setting, const std::string& file) {
    std::error_code error;
    if (file.empty() || std::filesystem::is_regular_file(file, error)) return std::nullopt;
    return ConfigError{setting, "there is no CA file " + json::printable(file, 200)};
}

Complaint check_number(
    const std::string& setting, double value, double least, double most, const char* rule
) {
    if (value >= least && value <= most) return std::nullopt;  // Not for NaN.
    return ConfigError{setting, last_part(setting) + " must be " + rule};
}

Complaint check_money(const std::string& setting, double value) {
    return check_number(setting, value, 0, config::range::most_money, "from 0 to 1e12");
}

Complaint check_endpoint(const Endpoint& endpoint, const std::string& at) {
    namespace range = config::range;
    if (auto wrong = check_name(at + "name", endpoint.name)) return wrong;
    if (auto wrong = config::check_url(endpoint.url, endpoint.allow_plaintext)) {
        return ConfigError{at + "url", *wrong};
    }
    if (auto wrong = check_model(at + "model", endpoint.model)) return wrong;
    if (auto wrong = check_key(at + "api_key", endpoint.api_key)) return wrong;
    if (auto wrong = check_headers(at + "headers", endpoint)) return wrong;
    if (auto wrong = check_whole(at + "in_flight", endpoint.in_flight, range::endpoint_in_flight)) {
        return wrong;
    }
    if (auto wrong = check_whole(at + "tier", std::int64_t{endpoint.tier}, range::tier)) {
        return wrong;
    }
    if (auto wrong = check_number(
            at + "weight",
            endpoint.weight,
            range::least_weight,
            range::most_weight,
            "a number from 0.01 to 100"
        )) {
        return wrong;
    }
    if (auto wrong = check_money(at + "input_price", endpoint.input_price)) return wrong;
    if (auto wrong = check_money(at + "output_price", endpoint.output_price)) return wrong;
    if (auto wrong = check_rate(at + "rpm", endpoint.rpm)) return wrong;
    if (auto wrong = check_rate(at + "tpm", endpoint.tpm)) return wrong;
    return check_ca_file(at + "ca_file", endpoint.ca_file);
}

Complaint check_durations(const Settings& settings) {
    const std::pair<const char*, Duration> durations[] = {
        {"longest_park", settings.longest_park},
        {"fallback_after", settings.fallback_after},
        {"timeouts.connect", settings.timeouts.connect},
        {"timeouts.first_byte", settings.timeouts.first_byte.value_or(Duration::zero())},
        {"timeouts.idle", settings.timeouts.idle},
        {"timeouts.content", settings.timeouts.content},
        {"timeouts.attempt", settings.timeouts.attempt},
        {"timeouts.request", settings.timeouts.request},
        {"backoff.base", settings.backoff.base},
        {"backoff.most", settings.backoff.most},
        {"backoff.throttled_base", settings.backoff.throttled_base},
        {"backoff.throttled_most", settings.backoff.throttled_most},
    };
    for (const auto& [name, value] : durations) {
        if (auto wrong = check_duration(name, value)) return wrong;
    }
    return std::nullopt;
}

Complaint check_numbers(const Settings& settings) {
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
        {"max_requests", settings.max_requests, range::most_requests},
        {"max_tokens", settings.max_tokens, range::most_tokens},
        {"wire_threads", settings.wire_threads.value_or(1), range::wire_threads},
        {"read.headers", settings.read.headers, range::read_bytes},
        {"read.body", settings.read.body, range::read_bytes},
        {"read.line", settings.read.line, range::read_bytes},
        {"read.event", settings.read.event, range::read_bytes},
        {"read.depth", settings.read.depth, range::read_depth},
    };
    for (const auto& number : numbers) {
        if (auto wrong = check_whole(number.name, number.value, number.range)) return wrong;
    }
    return check_whole("attempts", std::int64_t{settings.attempts}, range::attempts);
}

Complaint check_endpoints(const std::vector<Endpoint>& endpoints, bool may_be_none) {
    if (may_be_none && endpoints.empty()) return std::nullopt;
    if (!config::range::endpoints.holds(endpoints.size())) {
        return ConfigError{
            "endpoints",
            "there must be from 1 to 100 endpoints, not " + std::to_string(endpoints.size())};
    }
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto at = "endpoints[" + std::to_string(i) + "].";
        if (auto wrong = check_endpoint(endpoints[i], at)) return wrong;
        for (std::size_t j = 0; j < i; ++j) {
            if (endpoints[j].name != endpoints[i].name) continue;
            return ConfigError{
                at + "name",
                "two endpoints are called " + endpoints[i].name +
                    "; the name tells them apart in logs and output lines"};
        }
    }
    return std::nullopt;
}

Complaint check_local_url(const LocalPool& pool) {
    if (pool.factory || pool.engine != LocalPool::Engine::url) return std::nullopt;
    if (auto wrong = config::check_url(pool.url, false)) return ConfigError{"local.url", *wrong};
    if (pool.url.starts_with("http://")) return std::nullopt;
    return ConfigError{
        "local.url", "a local server is at http:// on this machine; others are endpoints"};
}

// What must be so that is not the pool's own to find out.
Complaint check_local(const LocalPool& pool) {
    namespace range = config::range;
    if (auto wrong = check_name("local.name", pool.name)) return wrong;
    if (auto wrong = check_model("local.model", pool.model)) return wrong;
    if (auto wrong = check_local_url(pool)) return wrong;
    if (pool.engine == LocalPool::Engine::command && !pool.factory) {
        if (auto wrong = worker::check_command(pool.command)) {
            return ConfigError{"local.command", *wrong};
        }
    }
    const std::tuple<const char*, std::size_t, Range> numbers[] = {
        {"local.workers_per_device", pool.workers_per_device, range::workers},
        {"local.in_flight_per_worker", pool.in_flight_per_worker, range::slots},
        {"local.context", pool.context, range::context},
    };
    for (const auto& [name, value, range] : numbers) {
        if (auto wrong = check_whole(name, value, range)) return wrong;
    }
    const std::pair<const char*, Duration> durations[] = {
        {"local.startup", pool.startup},
        {"local.liveness", pool.liveness},
        {"local.answer", pool.answer},
    };
    for (const auto& [name, value] : durations) {
        if (value <= Duration::zero() || value > config::longest_duration) {
            return ConfigError{name, last_part(name) + " must be more than 0 s, up to a year"};
        }
    }
    return check_duration("local.progress", pool.progress);
}

// Workers are endpoints as well, and must be told apart from the others.
Complaint check_worker_names(const Settings& settings) {
    const auto prefix = settings.local->name + "-";
    for (const auto& endpoint : settings.endpoints) {
        const auto rest =
            std::string_view{endpoint.name}.substr(std::min(prefix.size(), endpoint.name.size()));
        const bool is_number = !rest.empty() && rest.find_first_not_of("0123456789") == rest.npos;
        if (!endpoint.name.starts_with(prefix) || !is_number) continue;
        return ConfigError{
            "local.name",
            "an endpoint is called " + endpoint.name +
                ", as a worker would be; give the pool another name"};
    }
    return std::nullopt;
}

Complaint check_budget(const Settings& settings) {
    if (auto wrong = check_money("max_cost", settings.max_cost)) return wrong;
    const bool has_price = std::ranges::any_of(settings.endpoints, [](const Endpoint& endpoint) {
        return endpoint.input_price > 0 || endpoint.output_price > 0;
    });
    if (settings.max_cost <= 0 || has_price) return std::nullopt;
    return ConfigError{
        "max_cost",
        "max_cost needs the price of a million tokens: give an endpoint its input_price and "
        "output_price"};
}

}  // namespace

std::optional<ConfigError> check_settings(const Settings& settings) {
    if (auto wrong = check_endpoints(settings.endpoints, settings.local.has_value())) return wrong;
    if (settings.local) {
        if (auto wrong = check_local(*settings.local)) return wrong;
        if (auto wrong = check_worker_names(settings)) return wrong;
    }
    if (auto wrong = check_budget(settings)) return wrong;
    if (auto wrong = check_numbers(settings)) return wrong;
    return check_durations(settings);
}

}  // namespace skein
