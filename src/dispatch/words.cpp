#include "dispatch/words.hpp"

#include <algorithm>
#include <chrono>

namespace skein {

std::string seconds_text(Duration time) {
    const auto tenths = std::chrono::ceil<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string address_question(const std::string& address) {
    auto question = "is " + address + " the right base_url? Nothing was answered there";
    const auto host = address.find("://");
    const bool has_path =
        host != std::string::npos && address.find('/', host + 3) < address.size() - 1;
    if (!has_path && !address.empty()) {
        question += ", and most servers have this API below /v1: " + address +
                    (address.ends_with('/') ? "v1" : "/v1");
    }
    return question;
}

std::string share_text(std::size_t part, std::size_t whole) {
    const auto percent = (part * 100 + whole / 2) / std::max<std::size_t>(whole, 1);
    return std::to_string(percent) + " % of " + std::to_string(whole);
}

}  // namespace skein
