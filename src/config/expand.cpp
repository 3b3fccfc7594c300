// Substitutes environment variables in the values of a job file.
// Invariant: no message contains the value of a variable, because it may be a secret.
// Reads the environment; no other thread may change it meanwhile.
#include "config/expand.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace skein::config {
namespace {

bool is_variable_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9');
           });
}

// The text between the braces: `NAME`, or `NAME:-default`. The default also replaces an empty
// value.
struct Variable {
    std::string name{};
    std::optional<std::string_view> otherwise{};
};

// Splits the text between the braces at the first `:-`.
Variable variable_in(std::string_view inside) {
    const auto mark = inside.find(":-");
    if (mark == inside.npos) return {std::string{inside}, std::nullopt};
    return {std::string{inside.substr(0, mark)}, inside.substr(mark + 2)};
}

std::optional<std::string> append_variable(const Variable& variable, std::string& out) {
    const auto& name = variable.name;
    const char* value = std::getenv(name.c_str());
    if (variable.otherwise && (!value || *value == '\0')) {
        out += *variable.otherwise;
        return std::nullopt;
    }
    if (!value) {
        return "the environment variable " + name + " is not set (for a literal ${ write $${)";
    }
    const std::string_view text{value};
    // Refused in every value, because in a header a line break would add another header.
    if (text.find_first_of("\r\n") != text.npos) {
        return "there is a line break in the environment variable " + name;
    }
    if (json::valid_utf8(text) != text) return "the environment variable " + name + " is not UTF-8";
    out += text;
    return std::nullopt;
}

void expand_values(Node& node, Mistakes& mistakes) {
    for (auto& child : node.children) expand_values(child, mistakes);
    if (!node.is_scalar() || node.text.find("${") == node.text.npos) return;
    std::string expanded;
    if (auto wrong = expand(node.text, expanded)) {
        mistakes.push_back(complain(node.at, *std::move(wrong)));
        return;
    }
    // Keep the original text, so that messages show the variable and not its value.
    node.written = std::exchange(node.text, std::move(expanded));
}

}  // namespace

std::optional<std::string> expand(std::string_view text, std::string& out) {
    constexpr std::string_view open = "${", literal = "$${";
    while (!text.empty()) {
        const auto dollar = std::min(text.find('$'), text.size());
        out += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.starts_with(literal)) {
            out += open;
            text.remove_prefix(literal.size());
        } else if (text.starts_with(open)) {
            const auto close = text.find('}');
            // Without a closing brace the name is empty, which is refused below.
            const auto inside = close == text.npos ? std::string_view{} : text.substr(2, close - 2);
            const auto variable = variable_in(inside);
            if (!is_variable_name(variable.name)) {
                return "${ begins the name of an environment variable, as in ${NAME}; for a "
                       "literal ${ write $${";
            }
            if (auto wrong = append_variable(variable, out)) return wrong;
            text.remove_prefix(close + 1);
        } else if (!text.empty()) {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return std::nullopt;
}

std::optional<std::string> sole_variable(std::string_view text) {
    if (!text.starts_with("${") || !text.ends_with('}')) return std::nullopt;
    const auto name = text.substr(2, text.size() - 3);
    if (!is_variable_name(name)) return std::nullopt;
    return std::string{name};
}

Mistakes expand_job(Node& root) {
    Mistakes mistakes;
    for (auto& section : root.children) {
        if (section.key != "endpoints" || !section.is_list()) {
            expand_values(section, mistakes);
            continue;
        }
        for (auto& endpoint : section.children) {
            for (auto& member : endpoint.children) {
                // `read_key` reads `api_key` by the name of its variable, so that the value never
                // enters the tree.
                if (member.key != "api_key") expand_values(member, mistakes);
            }
        }
    }
    return mistakes;
}

}  // namespace skein::config
