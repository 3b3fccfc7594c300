// Readers of single values of a job file: numbers, sizes, rates, durations, flags, texts.
// Invariant: an error leaves the field unchanged.
// Pure functions over the tree.
#include "config/values.hpp"

#include "settings/duration.hpp"
#include "settings/ranges.hpp"

#include <algorithm>

namespace skein::config {
namespace {

// A quoted scalar is a text, even if it looks like a number.
bool is_plain(const Node& node) { return node.is_scalar() && !node.quoted; }

bool begins_as_number(const Node& node) {
    return is_plain(node) && !node.text.empty() && node.text.front() >= '0' &&
           node.text.front() <= '9';
}

// `010`, `1_000`, `1e6`, `0x10`: forms that some tools read as numbers, but skein refuses.
bool is_odd_number(const Node& node) {
    return begins_as_number(node) && !parse_whole(node.text) &&
           node.text.find_first_of(" \t/:") == node.text.npos;
}

}  // namespace

ConfigError must_be(const Node& node, const std::string& what) {
    // `must be a list, not a list` would puzzle, so an empty list is called empty.
    const bool is_empty_list = node.is_list() && node.children.empty();
    return complain(
        node.at,
        node.key + " must be " + what + ", not " + (is_empty_list ? "an empty list" : found(node))
    );
}

std::optional<std::uint64_t> whole_of(const Node& node, Range range) {
    if (!is_plain(node)) return std::nullopt;
    const auto value = parse_whole(node.text);
    return value && range.holds(*value) ? value : std::nullopt;
}

Complaint read_size(const Node& node, Range range, std::size_t& into) {
    const auto value = is_plain(node) ? parse_size(node.text) : std::nullopt;
    if (!value || !range.holds(*value)) {
        return must_be(
            node, "a size like 64MiB, 256kB or 4096 (bytes), at most " + std::to_string(range.max)
        );
    }
    into = static_cast<std::size_t>(*value);
    return std::nullopt;
}

// The rule is given as a sentence, because each of these numbers has its own.
Complaint read_decimal(
    const Node& node, double min, double max, const std::string& rule, double& into
) {
    const auto value = is_plain(node) ? parse_decimal(node.text) : std::nullopt;
    if (!value || *value < min || *value > max) {
        auto error = must_be(node, rule);
        if (is_odd_number(node)) error.what += "; write digits alone, without a leading zero";
        return error;
    }
    into = *value;
    return std::nullopt;
}

Complaint read_rate(const Node& node, double& into) {
    return read_decimal(
        node,
        0,
        range::max_per_minute,
        "a number per minute, like 3000 or 0.5 (0: no such limit)",
        into
    );
}

Complaint read_duration(const Node& node, Duration& into) {
    const auto value = is_plain(node) ? parse_duration(node.text) : std::nullopt;
    if (value) {
        into = *value;
        return std::nullopt;
    }
    auto error = must_be(node, "a duration with its unit (us, ms, s, m, h), at most 8760h");
    // A number without a unit most probably means seconds.
    if (is_plain(node) && parse_decimal(node.text)) error.what += "; write " + node.text + "s";
    return error;
}

Complaint read_flag(const Node& node, bool& into) {
    // Only these two words: `yes` and `on` are texts in YAML 1.2.
    const bool is_true = is_plain(node) && node.text == "true";
    if (!is_true && !(is_plain(node) && node.text == "false")) {
        return must_be(node, "true or false");
    }
    into = is_true;
    return std::nullopt;
}

Complaint read_text(const Node& node, std::string& into) {
    if (!node.is_scalar()) return must_be(node, "a text");
    if (node.text.empty()) return complain(node.at, node.key + " must not be empty");
    // Such characters would end up in a file name, a header or a log line.
    for (const char c : node.text) {
        if (c == '\n' || c == '\r') {
            return complain(node.at, "there is a line break in " + node.key);
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            return complain(node.at, "there is a control character in " + node.key);
        }
    }
    into = node.text;
    return std::nullopt;
}

}  // namespace skein::config
