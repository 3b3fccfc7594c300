#include "dialect/first_bytes.hpp"

#include "base/ascii.hpp"

#include <array>

namespace skein {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

std::string_view begun(std::string_view text) {
    for (;;) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        if (!text.starts_with(byte_order_mark)) return text;
        text.remove_prefix(byte_order_mark.size());
    }
}

Look look_at(std::string_view text) {
    constexpr std::array<std::string_view, 6> begins{
        ":", "data:", "event:", "id:", "retry:", "error:"};
    if (text.empty() || byte_order_mark.starts_with(text)) return Look::too_early;
    for (const auto begin : begins) {
        if (text.starts_with(begin)) return Look::stream;
        if (begin.starts_with(text)) return Look::too_early;
    }
    return Look::plain;
}

}  // namespace skein
