#include "job/journal/spent.hpp"

#include "json/object.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace skein::job {
namespace {

constexpr std::size_t max_end = 400;  // Bytes of a line from `usage` to its end.

// Removes `name` and the number after it from the front of `text`. False if they are not there.
template <class Number>
bool take_number(std::string_view& text, std::string_view name, Number& into) {
    if (!text.starts_with(name)) return false;
    const auto* begin = text.data() + name.size();
    const auto [stop, error] = std::from_chars(begin, text.data() + text.size(), into);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return true;
}

// What one line says of its cost.
struct LineCost {
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    std::uint64_t cached_tokens = 0;
    std::uint64_t reasoning_tokens = 0;
    double cost = 0;
};

// The usual line ends with its usage: found without parsing the answer. Nothing if more follows,
// such as kept fields, because these may hold a usage of their own.
std::optional<LineCost> cost_at_end(std::string_view out) {
    auto end = out.substr(out.size() - std::min(out.size(), max_end));
    const auto at = end.rfind(R"(,"usage":)");
    if (at == end.npos) return std::nullopt;
    end.remove_prefix(at);
    LineCost line;
    if (!take_number(end, R"(,"usage":{"input_tokens":)", line.input_tokens)) return std::nullopt;
    if (!take_number(end, R"(,"output_tokens":)", line.output_tokens)) return std::nullopt;
    std::uint64_t written = 0;  // To a cache; the report does not show it.
    take_number(end, R"(,"cached_tokens":)", line.cached_tokens);
    take_number(end, R"(,"cache_write_tokens":)", written);
    take_number(end, R"(,"cache_write_1h_tokens":)", written);
    take_number(end, R"(,"reasoning_tokens":)", line.reasoning_tokens);
    const bool has_cost = take_number(end, R"(},"cost":)", line.cost);
    if (!has_cost && end.starts_with('}')) end.remove_prefix(1);
    constexpr std::string_view mismatch = R"(,"model_mismatch":true)";
    if (end.starts_with(mismatch)) end.remove_prefix(mismatch.size());
    return end == "}}" ? std::optional{line} : std::nullopt;
}

template <class Number>
void read_number(const json::Object& object, std::string_view name, Number& into) {
    const auto text = object.find(name).value_or(std::string_view{});
    std::from_chars(text.data(), text.data() + text.size(), into);
}

// The same of any line, by parsing it.
std::optional<LineCost> cost_inside(std::string_view out) {
    json::Object whole;
    json::Object facts;
    json::Object usage;
    const auto is_inside = [](std::optional<std::string_view> text, json::Object& object) {
        return text && json::is_object(*text) && !object.parse(*text);
    };
    if (whole.parse(out) || !is_inside(whole.find("skein"), facts)) return std::nullopt;
    if (!is_inside(facts.find("usage"), usage)) return std::nullopt;
    LineCost line;
    read_number(usage, "input_tokens", line.input_tokens);
    read_number(usage, "output_tokens", line.output_tokens);
    read_number(usage, "cached_tokens", line.cached_tokens);
    read_number(usage, "reasoning_tokens", line.reasoning_tokens);
    read_number(facts, "cost", line.cost);
    return line;
}

std::string text_member(const json::Object& object, std::string_view name) {
    const auto value = object.find(name);
    return value && json::is_string(*value) ? json::said(*value) : std::string{};
}

}  // namespace

void add_spent(Spent& spent, std::string_view out) {
    ++spent.answers;
    auto found = cost_at_end(out);
    if (!found) found = cost_inside(out);
    if (!found) return;
    spent.input_tokens += found->input_tokens;
    spent.output_tokens += found->output_tokens;
    spent.cached_tokens += found->cached_tokens;
    spent.reasoning_tokens += found->reasoning_tokens;
    spent.cost += found->cost;
}

void add_failed_line(FailureGroups& groups, std::string_view out) {
    json::Object line;
    json::Object error;
    const bool can_be_read = !line.parse(out) && line.find("error") &&
                             json::is_object(*line.find("error")) &&
                             !error.parse(*line.find("error"));
    if (!can_be_read) return groups.add_others(1);
    const auto id = text_member(line, "custom_id");
    const auto code = text_member(error, "code");
    const auto words = text_member(error, "message");
    groups.add({.id = id, .code = code, .words = words});
}

}  // namespace skein::job
