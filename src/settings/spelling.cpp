#include "settings/spelling.hpp"

#include <algorithm>
#include <vector>

namespace skein::config {

// Dynamic programming over prefixes, with three rows: a swap of neighbours looks two rows back.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    // Longer words are no keys, and the time is quadratic in their length.
    constexpr std::size_t max_word = 64;
    if (word.size() > max_word) return {};
    std::string_view best;
    // A third of the word may differ; more would suggest words that have nothing in common.
    auto min = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const auto candidate : known) {
        const auto distance = edit_distance(word, candidate);
        if (distance >= min || distance >= candidate.size()) continue;
        min = distance;
        best = candidate;
    }
    return best;
}

std::string advice(std::string_view word, std::span<const std::string_view> known) {
    if (const auto meant = nearest(word, known); !meant.empty()) {
        return "; did you mean '" + std::string{meant} + "'?";
    }
    std::string text = "; it can be: ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i > 0) text += ", ";
        text += known[i];
    }
    return text;
}

}  // namespace skein::config
