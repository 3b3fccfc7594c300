#pragma once
#include <skein/tally.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skein::job {

// A failed row, as the report shows it.
struct FailedRow {
    std::string_view id{};    // The `custom_id` of the row.
    std::string_view code{};  // The name of the fault.
    std::string_view words{};
};

// Groups failed rows by fault and message. Numbers and request ids are ignored in the comparison,
// because they differ in each message. Memory is bounded: once there are `max_groups` groups, a
// row of any other kind is only counted (`others`).
class FailureGroups {
public:
    static constexpr std::size_t max_groups = 50;
    static constexpr std::size_t max_ids = 3;
    static constexpr std::size_t max_words = 240;
    static constexpr std::size_t max_id = 80;

    void add(const FailedRow& row);
    void add_others(std::uint64_t rows) { others_ += rows; }

    // Sorted by size, the largest group first; groups of equal size in order of arrival.
    std::vector<FailureGroup> list() const;
    std::uint64_t others() const { return others_; }

private:
    std::unordered_map<std::string, std::size_t> by_key_;
    std::vector<FailureGroup> groups_;
    std::uint64_t others_ = 0;
};

// The key of a group: the message with every word that contains a digit replaced by `#`, cut to 160
// bytes.
std::string common_words(std::string_view words);

// `text` cut to at most `max` bytes, never inside a UTF-8 character, and marked with an ellipsis.
std::string cut(std::string_view text, std::size_t max);

}  // namespace skein::job
