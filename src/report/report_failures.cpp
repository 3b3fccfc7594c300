#include "report/report_failures.hpp"

#include "json/text.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <numeric>

namespace skein::report {
namespace {

// A report with more groups would hide its other lines. The output has all reasons.
constexpr std::size_t max_lines = 12;

// A group keeps only its first ids; the dots say that there are more.
std::string ids_text(const FailureGroup& group) {
    std::string text;
    for (const auto& id : group.ids) text += (text.empty() ? "" : ", ") + json::printable(id);
    if (group.rows > group.ids.size()) text += " …";
    return text;
}

std::string group_text(const FailureGroup& group) {
    auto text =
        count_text(group.rows) + " " + json::printable(group.code) + " (" + ids_text(group) + ")";
    if (!group.words.empty()) text += ": " + json::printable(group.words);
    return text;
}

std::string what_became(const FinishReason& reason) {
    if (reason.name == "length") return "were cut off by max_tokens";
    if (reason.name == "content_filter") return "were held back by a content filter";
    return "ended for another reason than stop";
}

}  // namespace

// The rows of all groups, and those that came after the groups were full (`other_failures`).
std::uint64_t failed_rows(const Tally& tally) {
    return std::accumulate(
        tally.failures.begin(),
        tally.failures.end(),
        tally.other_failures,
        [](std::uint64_t sum, const FailureGroup& group) { return sum + group.rows; }
    );
}

// Bad input fails again without being sent, so a retry helps only if there is another failure.
bool can_be_asked(const Tally& tally) {
    const auto bad_input = to_string(FaultKind::bad_input);
    return tally.other_failures > 0 ||
           std::ranges::any_of(tally.failures, [&](const FailureGroup& group) {
               return group.code != bad_input;
           });
}

// One line for each group, and one for all rows that are not shown.
std::vector<std::string> failure_lines(const Tally& tally) {
    std::vector<std::string> lines;
    auto others = failed_rows(tally);
    for (const auto& group : tally.failures) {
        if (lines.size() == max_lines) break;
        lines.push_back(group_text(group));
        others -= group.rows;
    }
    if (others > 0) lines.push_back(count_text(others) + " others; the output has their reasons");
    return lines;
}

// Answers that ended with anything but `stop` may be incomplete although they are no failures.
std::vector<std::string> ending_lines(const Tally& tally) {
    std::vector<std::string> lines;
    for (const auto& reason : tally.finish_reasons) {
        if (reason.name == "stop") continue;
        lines.push_back(
            count_text(reason.answers) + " of " + count_text(tally.completed) + " answers " +
            what_became(reason) + " (finish_reason " + json::printable(reason.name) + ")"
        );
    }
    return lines;
}

}  // namespace skein::report
