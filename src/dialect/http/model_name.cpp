#include "dialect/http/model_name.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::size_t least_version = 3;  // `-0613`, `-001`; `-4` belongs to the name.

void drop_end(std::string& name, std::string_view end) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
}

// `-2024-08-06`
bool ends_with_date(std::string_view name) {
    constexpr std::string_view shape = "-0000-00-00";
    if (name.size() < shape.size()) return false;
    name.remove_prefix(name.size() - shape.size());
    return std::ranges::equal(name, shape, [](char c, char wanted) {
        return wanted == '0' ? is_digit(c) : c == wanted;
    });
}

// Digits after a dash, a colon or an at sign.
std::size_t length_of_version(std::string_view name) {
    std::size_t digits = 0;
    while (digits < name.size() && is_digit(name[name.size() - 1 - digits])) ++digits;
    if (digits < least_version || digits == name.size()) return 0;
    const char before = name[name.size() - 1 - digits];
    return before == '-' || before == ':' || before == '@' ? digits + 1 : 0;
}

std::string plain(std::string_view name) {
    auto text = lowered(name.substr(name.rfind('/') + 1));
    drop_end(text, ":latest");
    drop_end(text, "-latest");
    if (ends_with_date(text)) {
        text.resize(text.size() - std::string_view{"-0000-00-00"}.size());
    } else {
        text.resize(text.size() - length_of_version(text));
    }
    return text;
}

}  // namespace

bool is_same_model(std::string_view asked, std::string_view answered) {
    return asked.empty() || answered.empty() || asked == answered ||
           plain(asked) == plain(answered);
}

}  // namespace skein
