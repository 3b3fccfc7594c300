// Reads values of YAML, with their bounds. A message names the bounds.
#pragma once
#include <skein/time.hpp>

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace skein::mock {

// The exception of all functions here. The reader of the weather catches it, as it must catch those
// of yaml-cpp.
struct Refusal {
    YAML::Mark where{};
    std::string why{};
};
[[noreturn]] void refuse(const YAML::Node& node, std::string why);

constexpr auto no_end = std::numeric_limits<std::uint64_t>::max();

const std::string& text_of(const YAML::Node& node, const std::string& key);
Duration duration_of(const YAML::Node& node, const std::string& key);
std::uint64_t whole_of(
    const YAML::Node& node, const std::string& key, std::uint64_t min, std::uint64_t max = no_end
);

// Receives the value of one key.
using Reader = std::function<void(const YAML::Node& value, const std::string& key)>;

// Passes every member of the object to its reader, once each.
void read_members(
    const YAML::Node& node,
    const std::string& what,
    const std::vector<std::pair<std::string, Reader>>& readers
);

// Readers that store what they read.
Reader into(std::string& place);
Reader into(Duration& place);
Reader into(bool& place);
Reader into(double& place, double min, double max);

template <typename T>
Reader into_whole(T& place, std::uint64_t min, std::uint64_t max = no_end) {
    return [&place, min, max](const YAML::Node& node, const std::string& key) {
        const auto number = whole_of(node, key, min, max);
        if constexpr (std::is_integral_v<T>) {
            place = static_cast<T>(number);
        } else {
            place = static_cast<typename T::value_type>(number);
        }
    };
}

}  // namespace skein::mock
