#pragma once
#include <skein/tally.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skein::job {

// A row that failed, as a report tells of it.
struct FailedRow {
    std::string_view id{};    // Its `custom_id`.
    std::string_view code{};  // The name of the fault.
    std::string_view words{};
};

// Failed rows, put together by what they have in common: the fault, and its words without numbers,
// names of requests and what else is different in each. Memory is bounded: what comes when there
// are many groups is only counted.
class FailureGroups {
public:
    static constexpr std::size_t most_groups = 50;
    static constexpr std::size_t most_ids = 3;
    static constexpr std::size_t longest_words = 240;
    static constexpr std::size_t longest_id = 80;

    void add(const FailedRow& row);
    void add_others(std::uint64_t rows) { others_ += rows; }

    // The largest first, of equal ones that which came first.
    std::vector<FailureGroup> list() const;
    std::uint64_t others() const { return others_; }

private:
    std::unordered_map<std::string, std::size_t> by_key_;
    std::vector<FailureGroup> groups_;
    std::uint64_t others_ = 0;
};

// What words have in common with others of their kind: every word with a digit in it is `#`, and
// the name of the request that a server told is left out.
std::string common_words(std::string_view words);

// `text` cut to `most` bytes, not within a character.
std::string cut(std::string_view text, std::size_t most);

}  // namespace skein::job
