// One schema and one value: kinds, constants, numbers and texts here; lists, objects and
// combinations in files of their own. Invariant: every visit is paid for, and the recursion has a
// bound of its own, so neither time nor stack depends on the answer. Any thread.
#include "schema/walk.hpp"

#include "schema/schema.hpp"

#include <bit>

namespace skein::schema {
namespace {

// About 10 ms; and for large answers a time in proportion to what it took to read them.
constexpr std::size_t means_at_least = 80'000;
constexpr std::size_t means_of_a_byte = 2;
constexpr std::size_t max_depth = 1024;
// Bytes of text that cost as much as one step, and instructions of a regular expression.
constexpr std::size_t bytes_in_a_step = 64;
constexpr std::size_t bytes_of_identity_in_a_step = 4;
constexpr std::size_t instructions_in_a_step = 64;

// Characters of valid UTF-8: all bytes but those that continue one.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string shown(Number number) {
    std::string text;
    append_number(text, number);
    return text;
}

}  // namespace

Verdict Schema::check(json::Element value, std::size_t size) const {
    Walk walk{*table_, means_at_least + means_of_a_byte * size};
    if (walk.fits(0, value_of(value))) return {true, {}};
    if (walk.is_entangled()) return {false, "the reply and the schema are too entangled to check"};
    auto words = walk.findings().text();
    if (words.empty()) words = "`/`: does not fit";
    return {false, std::move(words)};
}

bool Walk::pay(std::size_t steps) {
    if (steps > means_) is_entangled_ = true;
    means_ -= std::min(steps, means_);
    return !is_entangled_;
}

bool Walk::fits(Index schema, const Value& value) {
    if (!pay(1)) return false;
    if (depth_ == max_depth) {
        is_entangled_ = true;
        return false;
    }
    const auto& node = table_.nodes[schema];
    if (node.is_never) return found([] { return "is not allowed here"; });
    if (!is_of_kind(node, value)) return false;
    ++depth_;
    bool is_well = is_allowed(node, value);
    if (goes_on(is_well)) {
        switch (value.kind) {
            case kind_number:
                is_well &= number_fits(node, value);
                break;
            case kind_string:
                is_well &= text_fits(node, value);
                break;
            case kind_array:
                is_well &= list_fits(node, value);
                break;
            case kind_object:
                is_well &= object_fits(node, value);
                break;
            default:
                break;
        }
    }
    if (goes_on(is_well)) is_well &= combinations_fit(node, value);
    --depth_;
    return is_well && !is_entangled_;
}

bool Walk::fits_quietly(Index schema, const Value& value) {
    const Quiet quiet{*this};
    return fits(schema, value);
}

bool Walk::fits_inside(Index schema, json::Element element, Step step) {
    path_.push_back(step);
    const bool is_well = fits(schema, value_of(element));
    path_.pop_back();
    return is_well;
}

bool Walk::is_of_kind(const Node& node, const Value& value) {
    const bool is_kind = (node.kinds & value.kind) != 0;
    const bool is_whole_enough =
        !node.only_whole || value.kind != kind_number || schema::is_whole(value.number);
    if (is_kind && is_whole_enough) return true;
    return found([&] {
        const bool is_fraction = value.kind == kind_number && !schema::is_whole(value.number);
        const auto is = is_fraction ? "a number with a fraction" : words_of(value.kind, false);
        return "must be " + words_of(node.kinds, node.only_whole) + ", is " + is;
    });
}

bool Walk::is_allowed(const Node& node, const Value& value) {
    if (!node.has_allowed) return true;
    std::string identity;
    const bool is_short = append_identity(identity, value, node.longest_allowed);
    pay(identity.size() / bytes_of_identity_in_a_step + std::bit_width(node.allowed.size()) / 4);
    if (is_short && std::ranges::binary_search(node.allowed, identity)) return true;
    return found([&] {
        return (node.allowed.size() == 1 ? "must be " : "must be one of ") + node.allowed_words;
    });
}

bool Walk::number_fits(const Node& node, const Value& value) {
    const auto n = value.number;
    bool is_well = true;
    const auto hold = [&](bool holds, std::string_view what, Number bound) {
        if (holds) return;
        is_well = found([&] { return "must be " + std::string{what} + shown(bound); });
    };
    if (node.minimum) hold(n >= *node.minimum, "at least ", *node.minimum);
    if (node.above) hold(n > *node.above, "more than ", *node.above);
    if (node.maximum) hold(n <= *node.maximum, "at most ", *node.maximum);
    if (node.below) hold(n < *node.below, "less than ", *node.below);
    if (node.step) hold(is_multiple(n, *node.step), "a multiple of ", *node.step);
    return is_well;
}

bool Walk::matches(const Pattern& pattern, std::string_view text) {
    return pay(1 + text.size() * pattern.size() / instructions_in_a_step) && pattern.is_in(text);
}

bool Walk::text_fits(const Node& node, const Value& value) {
    const auto text = value.text;
    bool is_well = true;
    if (node.length.least > 0 || node.length.most < text.size()) {
        pay(text.size() / bytes_in_a_step);
        const auto count = characters(text);
        if (count < node.length.least) {
            is_well = found([&] {
                return "must have at least " + std::to_string(node.length.least) +
                       " characters, has " + std::to_string(count);
            });
        } else if (count > node.length.most) {
            is_well = found([&] {
                return "must have at most " + std::to_string(node.length.most) +
                       " characters, has " + std::to_string(count);
            });
        }
    }
    if (node.pattern && goes_on(is_well) && !matches(*node.pattern, text)) {
        is_well = found([&] {
            return "must match the regular expression `" + shown_text(node.pattern->text(), 100) +
                   '`';
        });
    }
    return is_well;
}

}  // namespace skein::schema
