#include "mock_server/weather.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <set>

namespace skein::mock {
namespace {

// Thrown and caught in this file alone, beside those of yaml-cpp.
struct Refusal {
    YAML::Mark where;
    std::string why;
};

[[noreturn]] void refuse(const YAML::Node& node, std::string why) {
    throw Refusal{node.Mark(), std::move(why)};
}

const std::string& text_of(const YAML::Node& node, const std::string& key) {
    if (!node.IsScalar()) refuse(node, key + " must be one value");
    return node.Scalar();
}

double number_of(const YAML::Node& node, const std::string& key, double least, double most) {
    const auto& text = text_of(node, key);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || !(number >= least && number <= most)) {
        refuse(node, key + " must be a number from " + YAML::Dump(YAML::Node{least}) + " to " +
                         YAML::Dump(YAML::Node{most}) + ", not " + text);
    }
    return number;
}

template <typename T>
T whole_of(
    const YAML::Node& node, const std::string& key, T least, T most = std::numeric_limits<T>::max()
) {
    const auto& text = text_of(node, key);
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || number < least || number > most) {
        refuse(node, key + " must be a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most) + ", not " + text);
    }
    return number;
}

bool truth_of(const YAML::Node& node, const std::string& key) {
    const auto& text = text_of(node, key);
    if (text != "true" && text != "false") refuse(node, key + " must be true or false, not " + text);
    return text == "true";
}

double unit_of(std::string_view name) {
    if (name == "ns") return 1;
    if (name == "us") return 1e3;
    if (name == "ms") return 1e6;
    if (name == "s") return 1e9;
    if (name == "m") return 60e9;
    if (name == "h") return 3600e9;
    return 0;
}

Duration duration_of(const YAML::Node& node, const std::string& key) {
    const auto& text = text_of(node, key);
    const auto* const last = text.data() + text.size();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
    const auto unit = unit_of({end, static_cast<std::size_t>(last - end)});
    const bool nothing = error == std::errc{} && number == 0 && end == last;
    if (nothing) return Duration{};
    const auto nanoseconds = number * unit;
    if (error != std::errc{} || unit == 0 || !(nanoseconds >= 0) ||
        nanoseconds > static_cast<double>(longest.count())) {
        refuse(node, key + " must be a time from 0 to 24h, such as 250ms or 1.5s, not " + text);
    }
    return Duration{std::llround(nanoseconds)};
}

using Reader = std::function<void(const YAML::Node& value, const std::string& key)>;

// Gives every member of the object to its reader, each once.
void read_members(
    const YAML::Node& node,
    const std::string& what,
    const std::vector<std::pair<std::string, Reader>>& readers
) {
    if (!node.IsMap()) refuse(node, what + " must be an object of keys and values");
    std::set<std::string> seen;
    for (const auto& member : node) {
        const auto& key = text_of(member.first, "a key");
        if (!seen.insert(key).second) refuse(member.first, key + " is said twice");
        const auto reader = std::find_if(readers.begin(), readers.end(), [&](auto& one) {
            return one.first == key;
        });
        if (reader == readers.end()) refuse(member.first, what + " has no key " + key);
        reader->second(member.second, key);
    }
}

// A reader that stores a time.
Reader into(Duration& place) {
    return [&place](const auto& node, const auto& key) { place = duration_of(node, key); };
}

Distribution distribution_of(const YAML::Node& node, const std::string& key) {
    if (node.IsScalar()) return Constant{duration_of(node, key)};
    if (!node.IsMap() || node.size() != 1) {
        refuse(node, key + " must be a time, or one of uniform, exponential, lognormal");
    }
    const auto& shape = text_of(node.begin()->first, "a key");
    const auto parts = node.begin()->second;
    if (shape == "uniform") {
        Uniform uniform;
        read_members(parts, shape, {{"from", into(uniform.from)}, {"to", into(uniform.to)}});
        if (uniform.from > uniform.to) refuse(parts, "uniform must not begin after its end");
        return uniform;
    }
    if (shape == "exponential") {
        Exponential exponential;
        read_members(parts, shape, {{"mean", into(exponential.mean)}});
        return exponential;
    }
    if (shape == "lognormal") {
        Lognormal lognormal;
        const Reader sigma = [&](const auto& one, const auto& name) {
            lognormal.sigma = number_of(one, name, 0, 10);
        };
        read_members(parts, shape, {{"median", into(lognormal.median)}, {"sigma", sigma}});
        return lognormal;
    }
    refuse(node, key + " must be a time, or one of uniform, exponential, lognormal, not " + shape);
}

HeaderLines headers_of(const YAML::Node& node, const std::string& key) {
    if (!node.IsMap()) refuse(node, key + " must be an object of names and values");
    HeaderLines headers;
    for (const auto& member : node) {
        headers.emplace_back(text_of(member.first, key), text_of(member.second, key));
    }
    return headers;
}

// The name of a fault, or a number, which is short for `status` with this number.
void read_fault(const YAML::Node& node, const std::string& key, Rule& rule) {
    const auto& name = text_of(node, key);
    if (const auto mishap = mishap_named(name)) {
        rule.fault = *mishap;
    } else if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
        rule.status = whole_of(node, key, 100, 999);
    } else {
        refuse(node, "there is no fault " + name);
    }
}

#define SKEIN_READ(expression) [&](const auto& node, const auto& key) { expression; }

Rule rule_of(const YAML::Node& rule_node) {
    Rule rule;
    bool named = false;
    read_members(
        rule_node,
        "a fault",
        {
            {"fault", SKEIN_READ(read_fault(node, key, rule); named = true)},
            {"status", SKEIN_READ(rule.status = whole_of(node, key, 100, 999))},
            {"body", SKEIN_READ(rule.body = text_of(node, key))},
            {"headers", SKEIN_READ(rule.headers = headers_of(node, key))},
            {"location", SKEIN_READ(rule.location = text_of(node, key))},
            {"after_bytes", SKEIN_READ(rule.after_bytes = whole_of<std::size_t>(node, key, 0))},
            {"after_tokens", SKEIN_READ(rule.after_tokens = whole_of<std::size_t>(node, key, 0))},
            {"bytes", SKEIN_READ(rule.bytes = whole_of<std::size_t>(node, key, 1, 1ull << 40))},
            {"interval", into(rule.interval)},
            {"after", into(rule.after)},
            {"rate", SKEIN_READ(rule.rate = number_of(node, key, 0, 1))},
            {"count", SKEIN_READ(rule.count = whole_of<std::uint64_t>(node, key, 0))},
            {"every", SKEIN_READ(rule.every = whole_of<std::uint64_t>(node, key, 1))},
            {"first_attempts",
             SKEIN_READ(rule.first_attempts = whole_of<std::uint32_t>(node, key, 0))},
            {"request", SKEIN_READ(rule.request = text_of(node, key))},
            {"contains", SKEIN_READ(rule.contains = text_of(node, key))},
        }
    );
    if (!named) refuse(rule_node, "a fault must say which: fault: status, for instance");
    return rule;
}

std::vector<Rule> rules_of(const YAML::Node& node, const std::string& key) {
    if (!node.IsSequence()) refuse(node, key + " must be a list");
    std::vector<Rule> rules;
    for (const auto& one : node) rules.push_back(rule_of(one));
    return rules;
}

Weather weather_of(const YAML::Node& root) {
    Weather weather;
    if (!root || root.IsNull()) return weather;  // An empty file is fair weather.
    read_members(
        root,
        "the weather",
        {
            {"seed", SKEIN_READ(weather.seed = whole_of<std::uint64_t>(node, key, 0))},
            {"latency", SKEIN_READ(weather.latency = distribution_of(node, key))},
            {"first_token", SKEIN_READ(weather.first_token = distribution_of(node, key))},
            {"per_token", SKEIN_READ(weather.per_token = distribution_of(node, key))},
            {"rpm", SKEIN_READ(weather.rpm = number_of(node, key, 0, 1e9))},
            {"burst", SKEIN_READ(weather.burst = number_of(node, key, 0, 1e9))},
            {"require_key", SKEIN_READ(weather.require_key = truth_of(node, key))},
            {"keep_alive", SKEIN_READ(weather.keep_alive = truth_of(node, key))},
            {"faults", SKEIN_READ(weather.faults = rules_of(node, key))},
        }
    );
    return weather;
}

#undef SKEIN_READ

std::string message(const std::string& name, const YAML::Mark& where, const std::string& why) {
    if (where.is_null()) return name + ": " + why;
    return name + ':' + std::to_string(where.line + 1) + ':' + std::to_string(where.column + 1) +
           ": " + why;
}

}  // namespace

WeatherResult parse_weather(std::string_view text, const std::string& name) {
    try {
        return weather_of(YAML::Load(std::string{text}));
    } catch (const Refusal& refusal) {
        return WeatherError{message(name, refusal.where, refusal.why)};
    } catch (const YAML::Exception& error) {
        return WeatherError{message(name, error.mark, error.msg)};
    }
}

WeatherResult load_weather(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in.is_open() || in.bad()) return WeatherError{file + ": cannot be read"};
    return parse_weather(text, file);
}

}  // namespace skein::mock
