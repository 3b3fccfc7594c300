#include "settings/check_parts.hpp"

#include "json/text.hpp"
#include "settings/duration.hpp"

#include <algorithm>

namespace skein::config {
namespace {

ConfigError out_of_range(const std::string& setting, const std::string& value, Range range) {
    return {setting, last_part(setting) + " must be " + range.text() + ", not " + value};
}

}  // namespace

std::string last_part(std::string_view setting) {
    return std::string{setting.substr(setting.rfind('.') + 1)};  // The whole text if it has no dot.
}

Complaint check_whole(const std::string& setting, std::int64_t value, Range range) {
    if (value >= 0 && range.holds(static_cast<std::uint64_t>(value))) return std::nullopt;
    return out_of_range(setting, std::to_string(value), range);
}

Complaint check_whole(const std::string& setting, std::size_t value, Range range) {
    if (range.holds(value)) return std::nullopt;
    return out_of_range(setting, std::to_string(value), range);
}

Complaint check_duration(const std::string& setting, Duration value) {
    if (value >= Duration::zero() && value <= max_duration) return std::nullopt;
    return ConfigError{setting, last_part(setting) + " must be from 0 s to a year (8760h)"};
}

Complaint check_name(const std::string& setting, std::string_view name, std::string_view whose) {
    constexpr std::size_t max_length = 64;
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (plain && !name.empty() && name.size() <= max_length) return std::nullopt;
    return ConfigError{
        setting,
        std::string{whose} +
            "'s name is 1 to 64 letters, digits, '-' and '_': it stands in every log"};
}

Complaint check_model(const std::string& setting, std::string_view model) {
    const bool has_control = std::any_of(model.begin(), model.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (!has_control && json::valid_utf8(model) == model) return std::nullopt;
    return ConfigError{
        setting, "there is a control character, or what is not UTF-8, in the model's name"};
}

}  // namespace skein::config
