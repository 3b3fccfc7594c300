// Groups failed rows for the report, so that one cause is told once and not for each of its rows.
#include "job/journal/failure_groups.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace skein::job {
namespace {

// Bytes of a message that are compared; bounds the memory of a key.
constexpr std::size_t max_key = 160;

// ASCII letters and digits, `_`, `-`, and every byte of any other character.
bool is_of_a_word(char c) {
    const char small = lower(c);
    return is_digit(c) || (small >= 'a' && small <= 'z') || c == '_' || c == '-' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Removes `(request req_8f3a)`, because this id is different in every answer.
std::string without_request_id(std::string_view words) {
    constexpr std::string_view begin = " (request ";
    const auto at = words.find(begin);
    const auto end = at == words.npos ? at : words.find(')', at);
    if (end == words.npos) return std::string{words};
    return std::string{words.substr(0, at)}.append(words.substr(end + 1));
}

}  // namespace

std::string common_words(std::string_view words) {
    std::string common;
    while (!words.empty() && common.size() < max_key) {
        const auto length =
            static_cast<std::size_t>(std::ranges::find_if_not(words, is_of_a_word) - words.begin());
        const auto word = words.substr(0, length);
        // Servers name ids, positions and token counts in their messages, which differ in every
        // row.
        common += std::ranges::any_of(word, is_digit) ? "#" : word;
        words.remove_prefix(length);
        if (words.empty()) break;
        common += words.front();
        words.remove_prefix(1);
    }
    return common;
}

std::string cut(std::string_view text, std::size_t max) {
    if (text.size() <= max) return std::string{text};
    // Steps back over the continuation bytes of UTF-8 (10xxxxxx).
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0u) == 0x80u) --max;
    return std::string{text.substr(0, max)} + "…";
}

void FailureGroups::add(const FailedRow& row) {
    const auto words = without_request_id(row.words);
    auto key = std::string{row.code} + ' ' + common_words(words);
    const auto known = by_key_.find(key);
    if (known == by_key_.end() && groups_.size() == max_groups) {
        ++others_;
        return;
    }
    const auto at = known == by_key_.end() ? groups_.size() : known->second;
    if (at == groups_.size()) {
        by_key_.emplace(std::move(key), at);
        // The words of the first row stay as they came, because a person reads numbers better than
        // `#`.
        groups_.push_back({.code = std::string{row.code}, .words = cut(words, max_words)});
    }
    auto& group = groups_[at];
    ++group.rows;
    if (group.ids.size() < max_ids) group.ids.push_back(cut(row.id, max_id));
}

std::vector<FailureGroup> FailureGroups::list() const {
    auto groups = groups_;
    std::ranges::stable_sort(groups, std::greater{}, &FailureGroup::rows);
    return groups;
}

}  // namespace skein::job
