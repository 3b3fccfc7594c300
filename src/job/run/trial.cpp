// Sends the first rows of a job and shows each reply in the order of the rows. Writes neither a
// journal nor an output. The caller's thread reads, sends and waits; replies come on the delivery
// thread.
#include "job/run/trial.hpp"

#include "dialect/dialects.hpp"
#include "job/run/recorder.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace skein {

RunTrial::RunTrial(const Job& job, Preflight preflight)
    : job_{job},
      preflight_{std::move(preflight)},
      core_{preflight_.client, {.spares_rows = true}} {}

Expected<Tally, RunError> RunTrial::run(std::uint64_t rows, const OnTrial& show) {
    if (core_.complaint()) return RunError{RunError::Kind::config, core_.complaint()->text()};
    std::vector<BuiltRequest> asked;
    // All rows are sent before the first reply is waited for, so that they are answered at the same
    // time.
    if (auto error = ask(rows, asked)) return *std::move(error);
    core_.expect_no_more();
    std::uint64_t failed = 0;
    for (auto& [trial, reply] : asked) {
        // Ends, because every request gets a reply, be it `cancelled`.
        trial.reply = reply.get();
        const auto* fault = trial.reply.fault();
        // A cancelled row was stopped by the user, so that there is nothing to show.
        const bool says_nothing = fault && fault->kind == FaultKind::cancelled;
        if (!says_nothing) show(trial);
        if (fault && leaves_undone(fault->kind)) {
            // The fault concerns every row, so the replies to the other rows are not waited for.
            if (auto why = policy_stop(*fault, trial.reply.endpoint)) return *std::move(why);
        }
        failed += fault ? 1 : 0;
    }
    auto tally = core_.tally();
    tally.rows = asked.size();
    tally.failed_lines = failed;
    return tally;
}

std::optional<RunError> RunTrial::ask(std::uint64_t rows, std::vector<BuiltRequest>& asked) {
    while (asked.size() < rows) {
        const auto row = preflight_.source->next();
        if (!row) return row.error();
        if (!*row) return std::nullopt;
        asked.push_back(ask(**row));
    }
    return std::nullopt;
}

RunTrial::BuiltRequest RunTrial::ask(const job::Row& row) {
    auto made = preflight_.builder->ask(row);
    BuiltRequest asked{.trial = {.line = row.line, .custom_id = std::move(made.custom_id)}};
    if (made.request) {
        const auto endpoint = first_endpoint(job_.settings);
        asked.trial.url = shown_address(endpoint, *made.request);
        asked.trial.request = body_at(endpoint, *made.request);
    }
    // Shared, because a callback is copyable and may outlive this trial's list of rows.
    auto promise = std::make_shared<std::promise<Reply>>();
    asked.reply = promise->get_future();
    std::vector<Core::Question> question;
    question.push_back({std::move(made.request), {.on_reply = [promise](Reply reply) {
                            promise->set_value(std::move(reply));
                        }}});
    core_.ask(std::move(question));
    return asked;
}

void RunTrial::stop() {
    core_.stop_starting();
    const std::lock_guard lock{mutex_};
    // Only the first stop starts the timer, or each further one would prolong the grace.
    if (!out_of_grace_) out_of_grace_.emplace(job_.grace, [this] { core_.cancel_all(); });
}

void RunTrial::cancel() { core_.cancel_all(); }

}  // namespace skein
