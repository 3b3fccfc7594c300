// Reads single values of YAML. Numbers are parsed here and not by yaml-cpp, because a value must be
// whole, and within its bounds.
#include "mock_server/yaml_values.hpp"

#include "json/text.hpp"
#include "mock_server/distribution.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

namespace skein::mock {
namespace {

// Nanoseconds in a unit; 0 for an unknown unit.
double unit_of(std::string_view name) {
    if (name == "ns") return 1;
    if (name == "us") return 1e3;
    if (name == "ms") return 1e6;
    if (name == "s") return 1e9;
    if (name == "m") return 60e9;
    if (name == "h") return 3600e9;
    return 0;
}

}  // namespace

void refuse(const YAML::Node& node, std::string why) { throw Refusal{node.Mark(), std::move(why)}; }

const std::string& text_of(const YAML::Node& node, const std::string& key) {
    if (!node.IsScalar()) refuse(node, key + " must be one value");
    return node.Scalar();
}

// The whole text must be the number: `8x` is refused.
std::uint64_t whole_of(
    const YAML::Node& node, const std::string& key, std::uint64_t min, std::uint64_t max
) {
    const auto& text = text_of(node, key);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || number < min || number > max) {
        refuse(
            node,
            key + " must be a whole number from " + std::to_string(min) + " to " +
                std::to_string(max) + ", not " + text
        );
    }
    return number;
}

// A number and a unit. The unit is required, but not for 0, because a bare number could mean
// seconds or milliseconds.
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
        nanoseconds > static_cast<double>(max_length.count())) {
        refuse(node, key + " must be a time from 0 to 24h, such as 250ms or 1.5s, not " + text);
    }
    return Duration{std::llround(nanoseconds)};
}

// Unknown and repeated keys are errors, because a misspelt rule would otherwise do nothing in
// silence.
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

Reader into(std::string& place) {
    return [&place](const auto& node, const auto& key) { place = text_of(node, key); };
}

Reader into(Duration& place) {
    return [&place](const auto& node, const auto& key) { place = duration_of(node, key); };
}

Reader into(bool& place) {
    return [&place](const auto& node, const auto& key) {
        const auto& text = text_of(node, key);
        place = text == "true";
        if (!place && text != "false") refuse(node, key + " must be true or false, not " + text);
    };
}

Reader into(double& place, double min, double max) {
    return [&place, min, max](const auto& node, const auto& key) {
        const auto& text = text_of(node, key);
        double number = 0;
        const auto last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        // Written so that NaN is refused as well.
        if (error != std::errc{} || end != last || !(number >= min && number <= max)) {
            std::string bounds = "a number from ";
            json::append_number(bounds, min);
            json::append_number(bounds += " to ", max);
            refuse(node, key + " must be " + bounds + ", not " + text);
        }
        place = number;
    };
}

}  // namespace skein::mock
