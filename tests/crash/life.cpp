// The frame of one run: opening and recovery, the loop of steps, and the final checks.
//
// Mirrors `Run::run` and `open_journal` in src/job/run; everything runs on one thread.
#include "crash/life.hpp"

#include "job/output/output_check.hpp"

#include <algorithm>
#include <utility>

namespace skein::crash {
namespace {

using namespace std::chrono_literals;

Job job_of(const Plan& plan, const LifePlan& life) {
    Job job;
    job.output = {
        .file = output_name,
        .timings = false,
        .durability = plan.durability,
        .format = plan.format};
    job.window = plan.window;
    job.retry_failed = life.retry_failed;
    return job;
}

Dispatcher::Settings settings_of(const law::Scene& scene) {
    auto settings = scene.settings;
    settings.keeps_place_until_recorded = true;
    return settings;
}

}  // namespace

Life::Life(World& world, const LifePlan& plan)
    : world_{world},
      plan_{plan},
      scene_{scene_of(world.plan, plan)},
      job_{job_of(world.plan, plan)},
      now_{world.now},
      dispatcher_{law::desk_of(scene_), settings_of(scene_)},
      gate_{{job_.window, scene_.settings.window, std::size_t{1} << 30}} {
    if (plan.ctrl_c) ctrl_c_at_ = now_ + *plan.ctrl_c;
    seen_.admitted.assign(scene_.requests, now_);
}

End Life::run() {
    auto end = End::crashed;
    try {
        end = from_start_to_end();
    } catch (const Crash&) {
    }
    recorder_.reset();
    output_.reset();
    journal_.reset();
    close_the_books(end);
    return end;
}

End Life::from_start_to_end() {
    if (const auto end = open()) return *end;
    while (step()) {
    }
    return finish();
}

// Opens journal and output in the same order as `Run::run` and `open_journal`.
std::optional<End> Life::open() {
    const auto disk = world_.disk.calls();
    auto journal = job::Journal::open(
        job::journal_path(output_name),
        {{"seed", std::to_string(world_.plan.seed)}},
        job::Journal::How::resume,
        disk
    );
    if (!journal) return fail(journal.error());
    journal_.emplace(std::move(*journal));
    const auto recovered =
        journal_->recover([this](const job::Journal::Entry& entry, job::RecordRef place) {
            const auto row = row_of(entry.line);
            const bool again =
                (job_.retry_failed && !place.ok()) || (place.ok() && is_asked_again(plan_, row));
            if (again) place.ask_again();
            index_.add(entry.line, place);
        });
    if (!recovered) return fail(recovered.error());
    must(index_.size() == world_.books.known(), "not all that is in the journal was found in it");
    must(index_.failed() == world_.books.failed(), "the journal's failures are miscounted");
    auto settings = job_.output;
    if (world_.disk.find(output_name)) {
        must(
            index_.size() == scene_.requests,
            "the output has its name, and the journal is not whole"
        );
        const bool is_to_be_replaced = world_.disk.find(part_name) != nullptr;
        if (!is_to_be_replaced && index_.again() == 0) return End::whole;
        settings.overwrite = true;
    }
    auto output = job::OrderedOutput::open(settings, *journal_, writing_, disk);
    if (!output) return fail(output.error());
    output_.emplace(std::move(*output));
    // Syncs on this thread, because the timing of another thread would not be reproducible.
    recorder_.emplace(
        job_,
        *journal_,
        *output_,
        gate_,
        Recorder::Beside{.recorded = [this](std::size_t count) { recorded_ += count; }}
    );
    return std::nullopt;
}

End Life::finish() {
    const auto done = recorder_->finish();
    look_around();
    if (!done) return fail(done.error());
    check_what_is_written();
    if (!*done) return End::stopped;
    must(world_.disk.find(output_name), "the output is whole, and has no name");
    return End::whole;
}

End Life::fail(const RunError& error) {
    must(world_.disk.errors() > 0, "the disk did not fail, and yet: " + error.what);
    return End::failed;
}

// The checks of the observer after every step.
void Life::look_around() {
    world_.books.read_journal(world_.disk, now_);
    if (const auto* part = world_.disk.find(part_name)) world_.books.read_output(*part);
    must(!world_.disk.was_trusted_in_vain(), "written to a disk that had failed to take it");
}

void Life::close_the_books(End end) {
    for (const auto& [id, flight] : flying_) {
        const auto& a = flight.attempt;
        // 1 ns later, because an attempt may have begun at this very moment.
        seen_.ended.push_back({now_ + 1ns, a.seq, a.number, a.endpoint, true});
    }
    const auto broken = law::broken_law_within(scene_, seen_);
    must(broken.empty(), broken);
    must(world_.disk.open_files() == 0 || end == End::crashed, "a file was left open");
    const bool has_reason = plan_.ctrl_c || !undone_.empty() || world_.disk.errors() > 0;
    must(end != End::stopped || has_reason, "stopped for no reason");
    world_.at_risk.insert(held_.begin(), held_.end());
    for (const auto& [row, reply] : inbox_) world_.at_risk.insert(row);
    world_.at_risk.insert(unwritten_.begin(), unwritten_.end());
    world_.at_risk.insert(undone_.begin(), undone_.end());
}

}  // namespace skein::crash
