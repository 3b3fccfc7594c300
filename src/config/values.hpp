// Readers of single values: each checks type and range of a node and stores it, or returns an error
// at the node's place.
#pragma once
#include "config/tree.hpp"
#include "settings/number.hpp"
#include "settings/spelling.hpp"

#include <skein/time.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::config {

// "in_flight must be a whole number from 1 to 100000, not -3"
ConfigError must_be(const Node& node, const std::string& what);

std::optional<std::uint64_t> whole_of(const Node& node, Range range);

template <class Number>
Complaint read_whole(const Node& node, Range range, Number& into) {
    const auto value = whole_of(node, range);
    if (!value) return must_be(node, range.text());
    into = static_cast<Number>(*value);
    return std::nullopt;
}

Complaint read_size(const Node& node, Range range, std::size_t& into);
Complaint read_rate(const Node& node, double& into);
// A number from `min` to `max`; `rule` describes it for the message.
Complaint read_decimal(
    const Node& node, double min, double max, const std::string& rule, double& into
);
Complaint read_duration(const Node& node, Duration& into);
Complaint read_flag(const Node& node, bool& into);

// Any scalar, quoted or not, that is not empty and contains no control character.
Complaint read_text(const Node& node, std::string& into);

// One of a few words; a misspelt word gets a suggestion.
template <class Value>
Complaint read_choice(
    const Node& node, std::span<const std::pair<std::string_view, Value>> choices, Value& into
) {
    std::vector<std::string_view> words;
    for (const auto& [word, value] : choices) {
        words.push_back(word);
        if (!node.is_scalar() || node.text != word) continue;
        into = value;
        return std::nullopt;
    }
    std::string rule = words.size() == 1 ? "" : "one of ";
    for (const auto word : words) rule.append(word == words.front() ? "" : ", ").append(word);
    auto error = must_be(node, rule);
    if (node.is_scalar() && !nearest(node.text, words).empty()) {
        error.what += advice(node.text, words);
    }
    return error;
}

template <class Value, std::size_t n>
Complaint read_choice(
    const Node& node, const std::pair<std::string_view, Value> (&choices)[n], Value& into
) {
    return read_choice<Value>(node, std::span{choices}, into);
}

}  // namespace skein::config
