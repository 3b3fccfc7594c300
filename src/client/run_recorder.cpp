#include "client/run_recorder.hpp"

#include "job/result_line.hpp"
#include "model/fault_table.hpp"

#include <utility>

namespace skein {
namespace {

constexpr Duration sync_interval = std::chrono::seconds{1};
constexpr Duration retry_interval = std::chrono::seconds{1};
constexpr std::size_t most_kept = 16 * 1024 * 1024;
constexpr std::size_t many_bytes = 64 * 1024;  // More at once is no cheaper, and takes memory.

std::optional<RunError> policy_stop(const Fault& fault, const std::string& endpoint) {
    if (fault.kind == FaultKind::cancelled) return std::nullopt;
    auto why = "stopped: " + std::string{to_string(fault.kind)};
    if (!endpoint.empty()) why += " at " + endpoint;
    why += ", " + fault.detail;
    if (!fault.remote_message.empty()) why += ": " + fault.remote_message;
    return RunError{RunError::Kind::policy, std::move(why)};
}

}  // namespace

Recorder::Recorder(const Job& job, job::Journal& journal, job::OrderedOutput& output, Gate& gate)
    : settings_{job.output},
      journal_{journal},
      output_{output},
      gate_{gate},
      outcomes_{job.max_failures} {}

void Recorder::reply(const AskedRow& row, const Reply& reply) {
    gate_.answered(row.line, row.bytes);
    if (const auto* fault = reply.fault(); fault && leaves_undone(fault->kind)) {
        if (auto why = policy_stop(*fault, reply.endpoint)) gate_.stop(std::move(*why));
        return;
    }
    if (auto why = outcomes_.add(row.custom_id, reply)) gate_.stop(std::move(*why));
    const auto begin = text_.size();
    job::append_result_line(text_, row.line, row.custom_id, reply, settings_.timings);
    const bool ok = reply.completion() != nullptr;
    unwritten_.push_back({row.number, row.line, row.hash, ok, begin, text_.size() - begin});
}

bool Recorder::holds_much() const { return text_.size() >= many_bytes; }

void Recorder::known(const std::vector<KnownRow>& rows) {
    for (const auto& row : rows) output_.put(row.number, row.place);
}

void Recorder::flush(TimePoint now) {
    if (trouble_ && now - tried_at_ < retry_interval) return;
    tried_at_ = now;
    trouble_.reset();
    flush_journal();
    if (trouble_) return;
    if (auto done = output_.flush(); !done) return fail(done.error());
    gate_.written(output_.written());
    sync_if_due(now);
}

void Recorder::flush_journal() {
    if (unwritten_.empty()) return;
    std::vector<job::Journal::Entry> entries;
    entries.reserve(unwritten_.size());
    for (const auto& line : unwritten_) {
        entries.push_back({line.line, line.hash, line.ok, text_of(line)});
    }
    auto places = journal_.append(entries);
    if (!places) return fail(places.error());
    unsynced_ = true;
    if (settings_.durability == Output::Durability::each) {
        if (auto done = journal_.sync(); !done) return fail(done.error());
        unsynced_ = false;
    }
    put_all(*places);
}

void Recorder::put_all(const std::vector<job::Place>& places) {
    std::uint64_t failed = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& line = unwritten_[i];
        failed += line.ok ? 0 : 1;
        output_.put(line.number, places[i], text_of(line));
    }
    gate_.journaled(places.size(), failed);
    unwritten_.clear();
    text_.clear();
    if (text_.capacity() > most_kept) std::string{}.swap(text_);
}

void Recorder::sync_if_due(TimePoint now) {
    if (!unsynced_ || settings_.durability == Output::Durability::none) return;
    if (now - synced_at_ < sync_interval) return;
    synced_at_ = now;
    if (auto done = journal_.sync(); !done) return fail(done.error());
    unsynced_ = false;
}

// Nothing more is taken on; what comes in is kept.
void Recorder::fail(const RunError& error) {
    trouble_ = error;
    gate_.stop(error);
}

Expected<bool, RunError> Recorder::finish() {
    tried_at_ = {};
    flush(Clock::now());
    if (trouble_) {
        if (unwritten_.empty()) return *trouble_;
        auto error = *trouble_;
        error.what += "; " + std::to_string(unwritten_.size()) + " replies could not be kept";
        return error;
    }
    if (settings_.durability != Output::Durability::none && unsynced_) {
        if (auto done = journal_.sync(); !done) return done.error();
    }
    if (gate_.stopped()) return false;
    if (auto done = output_.finish(); !done) return done.error();
    return true;
}

}  // namespace skein
