// Reads the weather from YAML. Every error has its line and column, because a scenario that is
// misread would make a test pass for the wrong reason.
#include "mock_server/weather.hpp"
#include "mock_server/yaml_values.hpp"

#include <fstream>
#include <iterator>

namespace skein::mock {
namespace {

// A time alone is a constant; else an object with the name of one distribution.
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
        read_members(
            parts,
            shape,
            {{"median", into(lognormal.median)}, {"sigma", into(lognormal.sigma, 0, 10)}}
        );
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
        rule.status = static_cast<int>(whole_of(node, key, 100, 999));
    } else {
        refuse(node, "there is no fault " + name);
    }
}

// Reads one rule and checks what no single key can show: that the fault is named, and that its time
// is not empty.
Rule rule_of(const YAML::Node& node) {
    Rule rule;
    bool named = false;
    const Reader fault = [&](const auto& value, const auto& key) {
        read_fault(value, key, rule);
        named = true;
    };
    const Reader headers = [&](const auto& value, const auto& key) {
        rule.headers = headers_of(value, key);
    };
    read_members(
        node,
        "a fault",
        {
            {"fault", fault},
            {"status", into_whole(rule.status, 100, 999)},
            {"body", into(rule.body)},
            {"headers", headers},
            {"location", into(rule.location)},
            {"after_bytes", into_whole(rule.after_bytes, 0)},
            {"after_tokens", into_whole(rule.after_tokens, 0)},
            {"bytes", into_whole(rule.bytes, 1, 1ull << 40)},
            {"interval", into(rule.interval)},
            {"after", into(rule.after)},
            {"rate", into(rule.rate, 0, 1)},
            {"count", into_whole(rule.count, 0)},
            {"every", into_whole(rule.every, 1)},
            {"first_attempts", into_whole(rule.first_attempts, 0, 1'000'000)},
            {"from", into(rule.from)},
            {"until", into(rule.until)},
            {"request", into(rule.request)},
            {"contains", into(rule.contains)},
        }
    );
    if (!named) refuse(node, "a fault must say which: fault: status, for instance");
    if (rule.until > Duration::zero() && rule.from >= rule.until) {
        refuse(node, "a fault must begin (from) before it ends (until)");
    }
    return rule;
}

std::vector<Rule> rules_of(const YAML::Node& node, const std::string& key) {
    if (!node.IsSequence()) refuse(node, key + " must be a list");
    std::vector<Rule> rules;
    for (const auto& one : node) rules.push_back(rule_of(one));
    return rules;
}

// The readers point into `weather`, which stays where it is until the end of `read_members`.
Weather weather_of(const YAML::Node& root) {
    Weather weather;
    if (!root || root.IsNull()) return weather;  // An empty file is fair weather.
    const auto shape_into = [](Distribution& place) -> Reader {
        return [&place](const auto& node, const auto& key) { place = distribution_of(node, key); };
    };
    const Reader faults = [&](const auto& node, const auto& key) {
        weather.faults = rules_of(node, key);
    };
    read_members(
        root,
        "the weather",
        {
            {"seed", into_whole(weather.seed, 0)},
            {"latency", shape_into(weather.latency)},
            {"first_token", shape_into(weather.first_token)},
            {"per_token", shape_into(weather.per_token)},
            {"rpm", into(weather.rpm, 0, 1e9)},
            {"burst", into(weather.burst, 0, 1e9)},
            {"require_key", into(weather.require_key)},
            {"key", into(weather.key)},
            {"keep_alive", into(weather.keep_alive)},
            {"faults", faults},
        }
    );
    return weather;
}

// Lines and columns count from 1 in messages, and from 0 in yaml-cpp.
std::string message(const std::string& name, const YAML::Mark& where, const std::string& why) {
    if (where.is_null()) return name + ": " + why;
    return name + ':' + std::to_string(where.line + 1) + ':' + std::to_string(where.column + 1) +
           ": " + why;
}

}  // namespace

// The exceptions of yaml-cpp and of `refuse` end here.
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
