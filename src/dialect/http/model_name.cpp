#include "dialect/http/model_name.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::size_t min_version = 3;  // Digits: `-0613` and `-001` are versions, `-4` is not.

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

// Length of a version at the end: digits after a dash, a colon or an at sign. 0: there is none.
std::size_t length_of_version(std::string_view name) {
    std::size_t digits = 0;
    while (digits < name.size() && is_digit(name[name.size() - 1 - digits])) ++digits;
    if (digits < min_version || digits == name.size()) return 0;
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
