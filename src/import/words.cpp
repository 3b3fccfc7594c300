#include "import/words.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace skein::litellm {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_variable_name(std::string_view name) {
    constexpr std::size_t max_name = 200;
    if (name.empty() || name.size() > max_name || is_digit(name[0])) return false;
    return std::ranges::all_of(name, [](char c) {
        return is_letter(c) || is_digit(c) || c == '_';
    });
}

}  // namespace

JobText variable(std::string_view name) { return "${" + std::string{name} + "}"; }

JobText literal(std::string_view text) {
    JobText escaped;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at).starts_with("${")) escaped += '$';
        escaped += text[at];
    }
    return escaped;
}

std::optional<std::string> environment_name(const Node& node) {
    constexpr std::string_view prefix = "os.environ/";
    if (!node.is_scalar() || !node.text.starts_with(prefix)) return std::nullopt;
    auto name = node.text.substr(prefix.size());
    if (!is_variable_name(name)) return std::nullopt;
    return name;
}

JobText job_text(const Node& node) {
    const auto name = environment_name(node);
    return name ? variable(*name) : literal(node.text);
}

std::string shown(std::string_view text) { return json::printable(text, 80); }

std::string plain_name(std::string_view text) {
    constexpr std::size_t max_name = 48;
    std::string name;
    for (const char c : text.substr(0, max_name)) {
        name += is_letter(c) || is_digit(c) || c == '_' ? c : '-';
    }
    while (name.ends_with('-')) name.pop_back();
    name.erase(0, std::min(name.find_first_not_of('-'), name.size()));
    return name.empty() ? "endpoint" : name;
}

std::string variable_name(std::string_view endpoint, std::string_view what) {
    std::string name;
    if (!endpoint.empty() && is_digit(endpoint[0])) name = "E_";
    for (const char c : endpoint) {
        name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return name.append("_").append(what);
}

std::optional<double> number_of(const Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    double number = 0;
    const auto* const end = node.text.data() + node.text.size();
    const auto [at, error] = std::from_chars(node.text.data(), end, number);
    if (error != std::errc{} || at != end || !std::isfinite(number) || number < 0) {
        return std::nullopt;
    }
    return number;
}

std::string number_text(double number) {
    std::array<char, 400> digits{};
    const auto written = std::to_chars(
        digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed, 9
    );
    std::string text{digits.data(), written.ptr};
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace skein::litellm
