#include "dispatch/words.hpp"

#include <algorithm>
#include <chrono>

namespace skein {

std::string seconds_text(Duration time) {
    const auto tenths = std::chrono::ceil<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string share_text(std::size_t part, std::size_t whole) {
    const auto percent = (part * 100 + whole / 2) / std::max<std::size_t>(whole, 1);
    return std::to_string(percent) + " % of " + std::to_string(whole);
}

}  // namespace skein
