// Counts the outcomes of a run for the report and tests `limits.max_failures`. The delivery thread
// adds; any thread may read, so a mutex guards all counters.
#include "job/output/outcome_counts.hpp"

#include "job/output/result_line.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <utility>

namespace skein::job {
namespace {

// Bounds of the list of finish reasons, because a server may invent new ones.
constexpr std::size_t max_reasons = 8;
constexpr std::size_t max_reason = 40;

}  // namespace

std::optional<RunError> OutcomeCounts::add(std::string_view id, const Reply& reply) {
    const std::lock_guard lock{mutex_};
    // Rows that stay undone do not come here, so they count neither as finished nor as failed.
    ++finished_;
    if (const auto* fault = reply.fault()) return add_failure(id, *fault);
    add_answer(reply.completion()->finish_reason);
    return std::nullopt;
}

std::optional<RunError> OutcomeCounts::add_failure(std::string_view id, const Fault& fault) {
    ++failed_;
    if (fault.kind == FaultKind::bad_input) ++bad_input_;
    const auto words = message_of(fault);
    failures_.add({.id = id, .code = to_string(fault.kind), .words = words});
    // Only failures of this run count for the limit; those of earlier runs are in the groups alone.
    if (!limit_.is_passed(failed_, finished_)) return std::nullopt;
    return too_many();
}

void OutcomeCounts::add_answer(std::string_view finish_reason) {
    if (finish_reason.empty()) return;
    const auto known = std::ranges::find(reasons_, finish_reason, &FinishReason::name);
    if (known != reasons_.end()) {
        ++known->answers;
    } else if (reasons_.size() < max_reasons && finish_reason.size() <= max_reason) {
        reasons_.push_back({.name = std::string{finish_reason}, .answers = 1});
    }
}

RunError OutcomeCounts::too_many() const {
    auto what = "stopped: " + std::to_string(failed_) + " of " + std::to_string(finished_) +
                " rows failed, and limits.max_failures is " + limit_.text();
    // The largest group with the id of a row, because one cause explains most failures of a job.
    const auto groups = failures_.list();
    if (!groups.empty()) {
        const auto& max = groups.front();
        what += "; most often (" + std::to_string(max.rows) + ", such as " +
                json::printable(max.ids.front()) + ") " + max.code + ": " +
                json::printable(max.words);
    }
    what +=
        "; what failed is asked again with --retry-failed, and limits.max_failures: 0 lets "
        "the run go on";
    return {.kind = RunError::Kind::policy, .what = std::move(what)};
}

void OutcomeCounts::begin_with(FailureGroups earlier) {
    const std::lock_guard lock{mutex_};
    failures_ = std::move(earlier);
}

void OutcomeCounts::fill(Tally& tally) const {
    const std::lock_guard lock{mutex_};
    tally.failures = failures_.list();
    tally.other_failures = failures_.others();
    tally.finish_reasons = reasons_;
    // `bad_input` of rows that never became a request. The tally has counted those of requests.
    const auto admitted = tally.request_fault(FaultKind::bad_input);
    tally.not_asked = bad_input_ - std::min(bad_input_, admitted);
}

}  // namespace skein::job
