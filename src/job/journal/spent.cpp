#include "job/journal/spent.hpp"

#include "json/object.hpp"

#include <algorithm>
#include <charconv>

namespace skein::job {
namespace {

constexpr std::size_t max_end = 200;  // Bytes of a line from `usage` to its end.

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

std::string text_member(const json::Object& object, std::string_view name) {
    const auto value = object.find(name);
    return value && json::is_string(*value) ? json::said(*value) : std::string{};
}

}  // namespace

void add_spent(Spent& spent, std::string_view out) {
    ++spent.answers;
    auto end = out.substr(out.size() - std::min(out.size(), max_end));
    const auto at = end.rfind(R"(,"usage":)");
    if (at == end.npos) return;
    end.remove_prefix(at);
    std::uint64_t input = 0;
    std::uint64_t output = 0;
    double cost = 0;
    if (!take_number(end, R"(,"usage":{"input_tokens":)", input)) return;
    if (!take_number(end, R"(,"output_tokens":)", output)) return;
    spent.input_tokens += input;
    spent.output_tokens += output;
    if (take_number(end, R"(},"cost":)", cost)) spent.cost += cost;
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
