#include "report/text.hpp"

#include <array>
#include <cstdio>

namespace skein::report {
namespace {

template <class... Figures>
std::string format(const char* pattern, Figures... figures) {
    std::array<char, 64> text;
    const auto length = std::snprintf(text.data(), text.size(), pattern, figures...);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string duration_text(Duration duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    if (seconds < 0.0009995) return format("%.0f us", seconds * 1e6);
    if (seconds < 0.9995) return format("%.0f ms", seconds * 1e3);
    if (seconds < 99.95) return format("%.1f s", seconds);
    const auto whole = static_cast<long long>(seconds + 0.5);
    if (whole < 3600) return format("%lld min %02lld s", whole / 60, whole % 60);
    return format("%lld h %02lld min", whole / 3600, whole % 3600 / 60);
}

std::string count_text(std::uint64_t count) {
    auto digits = std::to_string(count);
    for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, ' ');
    }
    return digits;
}

std::string rate_text(double per_second) {
    if (per_second < 10) return format("%.1f", per_second);
    return count_text(static_cast<std::uint64_t>(per_second + 0.5));
}

std::string money_text(double sum) { return format(sum < 1 ? "%.6f" : "%.2f", sum); }

std::string gib_text(std::uint64_t bytes) {
    return format("%.1f", static_cast<double>(bytes) / (1024.0 * 1024 * 1024));
}

std::string share_text(double share) { return format("%.1f %%", share * 100); }

}  // namespace skein::report
