// Validates the settings of the local pool, as far as possible without looking at this machine.
//
// Each check returns the first complaint. Pure functions, any thread.
#include "local/plan/check_local.hpp"

#include "local/plan/preset.hpp"
#include "settings/check_parts.hpp"
#include "settings/duration.hpp"
#include "settings/ranges.hpp"
#include "settings/url.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace skein::config {
namespace {

using Engine = LocalPool::Engine;

// Each kind of engine needs one setting to know what to run or to ask. A model of the user's own
// (`factory`) needs none.
Complaint check_engine(const LocalPool& pool) {
    const auto missing = [](const std::string& key, const std::string& what) {
        const auto setting = key == "base_url" ? "url" : key;  // In a job file it is a base_url.
        return ConfigError{"local." + setting, "local." + key + " is missing: " + what};
    };
    if (pool.factory) return std::nullopt;
    if (pool.engine == Engine::url) {
        if (pool.url.empty()) return missing("base_url", "where the server runs already");
    } else if (pool.engine == Engine::command) {
        const bool is_there = !pool.command.empty() && !pool.command.front().empty();
        if (!is_there) return missing("command", "the program and each of its arguments");
    } else if (pool.model.empty()) {
        return missing("model", "what the engine is to load");
    }
    return std::nullopt;
}

// A local server is probed without TLS and without a look-up of names, so its address must be plain
// HTTP on this machine. The first check finds a malformed URL, whatever its host; the second one
// refuses other hosts.
Complaint check_local_url(const LocalPool& pool) {
    if (pool.engine != Engine::url || pool.factory) return std::nullopt;
    if (auto wrong = check_url(pool.url, {.allow_plaintext = true}))
        return ConfigError{"local.url", *wrong};
    const bool is_here = pool.url.starts_with("http://") && !check_url(pool.url, {});
    if (is_here && pool.url.find('?') == pool.url.npos) return std::nullopt;
    return ConfigError{
        "local.url",
        "a local server is at http:// on this machine, without a query; others are endpoints"};
}

Complaint check_words(const LocalPool& pool) {
    if (pool.engine != Engine::command || pool.factory) return std::nullopt;
    for (std::size_t i = 0; i < pool.command.size(); ++i) {
        if (auto wrong = local::check_word(pool.command[i])) {
            return ConfigError{"local.command[" + std::to_string(i) + "]", *wrong};
        }
    }
    return std::nullopt;
}

// The message does not repeat the entry, because a user may have written a value, which may be a
// secret.
Complaint check_environment(const LocalPool& pool) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    for (std::size_t i = 0; i < pool.environment.size(); ++i) {
        const auto& name = pool.environment[i];
        if (!name.empty() && std::ranges::all_of(name, is_plain)) continue;
        return ConfigError{
            "local.environment[" + std::to_string(i) + "]",
            "this is the name of an environment variable, like HF_TOKEN, and nothing else; its "
            "value is that which it has for skein"};
    }
    return std::nullopt;
}

// The path is put into a request line as it is, so a space or a control character would break it.
Complaint check_health_path(const LocalPool& pool) {
    const auto& path = pool.health_path;
    const bool is_printable =
        std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7F; });
    if (path.empty() || (path.starts_with('/') && is_printable)) return std::nullopt;
    return ConfigError{
        "local.health_path",
        "health_path is a path like /health: it begins with '/', and is plain ASCII without "
        "spaces"};
}

Complaint check_numbers(const LocalPool& pool) {
    const std::tuple<const char*, std::size_t, Range> numbers[] = {
        {"local.workers_per_device", pool.workers_per_device, range::workers},
        {"local.in_flight_per_worker", pool.in_flight_per_worker, range::slots},
        {"local.context_tokens", pool.context_tokens, range::context},
        {"local.memory_per_worker", pool.memory_per_worker, range::worker_memory},
        {"local.recycle_after", pool.recycle_after, range::recycle_after},
    };
    for (const auto& [name, value, range] : numbers) {
        if (auto wrong = check_whole(name, value, range)) return wrong;
    }
    const std::pair<const char*, Duration> durations[] = {
        {"local.startup_timeout", pool.startup_timeout},
        {"local.probe_interval", pool.probe_interval},
        {"local.probe_timeout", pool.probe_timeout},
    };
    for (const auto& [name, value] : durations) {
        // Zero has no meaning for these three. Only `stall_timeout` may be 0, which switches it
        // off.
        if (value <= Duration::zero() || value > max_duration) {
            return ConfigError{name, last_part(name) + " must be more than 0 s, up to a year"};
        }
    }
    return check_duration("local.stall_timeout", pool.stall_timeout.value_or(Duration::zero()));
}

// Workers become endpoints named `local-0` and so on, so no configured endpoint may have such a
// name.
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

}  // namespace

Complaint check_local(const Settings& settings) {
    if (!settings.local) return std::nullopt;
    const auto& pool = *settings.local;
    if (auto wrong = check_name("local.name", pool.name, "a pool")) return wrong;
    if (auto wrong = check_engine(pool)) return wrong;
    if (auto wrong = check_model("local.model", pool.model)) return wrong;
    if (auto wrong = check_local_url(pool)) return wrong;
    if (auto wrong = check_words(pool)) return wrong;
    if (auto wrong = check_environment(pool)) return wrong;
    if (auto wrong = check_health_path(pool)) return wrong;
    if (auto wrong = check_numbers(pool)) return wrong;
    return check_worker_names(settings);
}

}  // namespace skein::config
