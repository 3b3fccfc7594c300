// Resuming: finds the journal and the output of an earlier run and decides whether the next run
// resumes, begins anew or has nothing to do.
//
// Invariant: a journal is resumed only if it belongs to the same job, and a reply that was paid for
// is never dropped without permission. Memory: 16 bytes for each row of the journal, 32 bytes if
// the input has changed. Runs on the thread of the run, before any request is sent.
#include "job/run/found.hpp"

#include "job/journal/job_identity.hpp"
#include "job/journal/spent.hpp"
#include "job/run/content.hpp"

#include <charconv>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

namespace skein {
namespace {

namespace fs = std::filesystem;

// At most so many failed records are read for the report, because reading more of them would only
// delay the start.
constexpr std::size_t max_failures_read = 20'000;

struct FailedPlace {
    std::uint64_t number = 0;
    job::RecordRef place{};
};

bool is_there(const std::string& path) {
    std::error_code unknown;
    return fs::exists(path, unknown);
}

// True if an earlier run wrote to its journal, or opened it, within the last minute: its requests
// may still count against the rate limits of the endpoints. A wall clock that was set back gives
// true as well, which is the safe answer.
bool is_fresh(const job::Journal& journal) {
    const auto written = journal.last_written();
    const auto now = std::chrono::system_clock::now();
    return written && now - *written < std::chrono::minutes{1};
}

// Groups the failed rows of earlier runs for the report, after the index has decided which record
// of each row counts.
Expected<job::FailureGroups, RunError> read_failures(
    const job::Journal& journal, const job::Index& index, const std::vector<FailedPlace>& failed
) {
    job::FailureGroups groups;
    std::size_t read = 0;
    std::string line;
    for (const auto& [number, place] : failed) {
        if (index.find(number) != place) continue;  // A better or a later record replaces this one.
        if (++read > max_failures_read) {
            groups.add_others(1);
            continue;
        }
        line.resize(place.length());
        if (auto done = journal.read(place.offset(), line); !done) return done.error();
        job::add_failed_line(groups, line);
    }
    return groups;
}

struct Recovered {
    Opened opened;
    job::Journal::Recovered found;
    std::vector<FailedPlace> failed{};
};

// Reads the journal once and builds the index of its rows. Marks the rows that are asked again
// because of `--retry-failed` or `--retry`.
Expected<Recovered, RunError> recovered(
    const Job& job, const Preflight& preflight, job::Journal journal
) {
    Recovered result{.opened = {.journal = std::move(journal)}, .found = {}};
    auto& opened = result.opened;
    opened.is_fresh = is_fresh(opened.journal);
    auto found =
        opened.journal.recover([&](const job::Journal::Entry& entry, job::RecordRef place) {
            const bool again =
                (job.retry_failed && !place.ok()) ||
                (!preflight.again.empty() && fits(preflight.again, entry.ok, entry.out));
            if (again) place.ask_again();
            opened.rows.index().add(entry.line, place);
            if (!place.ok() && !again) result.failed.push_back({entry.line, place});
        });
    if (!found) return found.error();
    opened.spent = found->spent;
    opened.note = found->note;
    result.found = std::move(*found);
    return result;
}

// The number of gone rows that the journal recorded last; 0 if it recorded none.
std::uint64_t gone_as_told(const job::JobIdentity& facts) {
    const auto text = job::value_of(facts, job::fact_of_gone);
    std::uint64_t gone = 0;
    std::from_chars(text.data(), text.data() + text.size(), gone);
    return gone;
}

RunError another_job_error(const Job& job, const Opened& opened, const std::string& what) {
    auto text = "the journal " + job::shown(opened.journal.path()) + " is of another job: " + what;
    text += "; start a new job with another output file, give --overwrite to ask every row anew";
    if (job.retry.empty()) {
        text +=
            ", or --retry (such as --retry finish_reason=length) to ask some rows again and keep "
            "the other answers";
    }
    return job::config_error(std::move(text));
}

RunError nothing_to_retry(const std::string& output) {
    return job::config_error(
        output +
        " has no journal beside it, so which of its rows failed is not known; leave --retry-failed "
        "and --retry out to ask them all"
    );
}

// Sums up a journal that belongs to this job.
Expected<Earlier, RunError> earlier_of(
    const Job& job,
    const Preflight& preflight,
    const Opened& opened,
    bool is_changed,
    std::uint64_t gone
) {
    const auto& index = opened.rows.index();
    Earlier earlier{
        .kind = Earlier::Kind::resumed,
        .done = index.size(),
        .failed = index.failed(),
        .again = index.again(),
        .answers_too = !preflight.again.empty(),
        .is_changed = is_changed,
        .gone = gone};
    if (preflight.scan) earlier.rows = preflight.scan->rows;
    if (!is_there(job.output.file)) {
        if (earlier.done == 0 && gone == 0) earlier.kind = Earlier::Kind::none;
        return earlier;
    }
    const bool has_all = earlier.rows == earlier.done;
    // The input has changed if rows are matched by content. The output may then be an older one,
    // which is no reason to refuse.
    const bool may_be_older = opened.rows.is_by_content();
    if (!has_all && !job.output.overwrite && !may_be_older) return job::output_exists(job.output);
    const bool has_work =
        !has_all || earlier.again > 0 || is_changed || job::is_being_replaced(job.output);
    if (!has_work) earlier.kind = Earlier::Kind::complete;
    return earlier;
}

// Resumes the journal if it belongs to this job; an error if it belongs to another one.
Expected<Found, RunError> go_on_with(
    const Job& job, Preflight& preflight, const job::Interrupt& interrupt, job::Journal journal
) {
    auto read = recovered(job, preflight, std::move(journal));
    if (!read) return read.error();
    auto& opened = read->opened;
    const auto& before = read->found.facts;
    const auto what = job::another_job(before, preflight.facts, !preflight.again.empty());
    const bool differs = job::another_job(before, preflight.facts, false).has_value();
    // A journal without replies costs nothing, so that it may change its job.
    if (what && read->found.records > 0) return another_job_error(job, opened, *what);

    opened.gone_before = gone_as_told(before);
    auto facts = preflight.facts;
    const auto input = job::value_of(facts, job::fact_of_input);
    const bool is_changed = job::value_of(before, job::fact_of_input) != input;
    std::uint64_t gone = 0;
    // Line numbers identify rows only if all runs read the same file. Otherwise rows are matched by
    // content.
    const bool same_lines = read->found.is_of_one && !is_changed && preflight.scan;
    if (!same_lines && read->found.records > 0) {
        auto found = find_by_content(job, preflight, interrupt, !differs, opened);
        if (!found) return found.error();
        gone = *found;
    }
    if (gone > 0) facts.push_back({std::string{job::fact_of_gone}, std::to_string(gone)});
    if (facts != before) opened.facts = std::move(facts);

    // Read now, because `find_by_content` has dropped the rows that are gone from the index.
    auto failures = read_failures(opened.journal, opened.rows.index(), read->failed);
    if (!failures) return failures.error();
    opened.failures = std::move(*failures);
    auto earlier = earlier_of(job, preflight, opened, is_changed, gone);
    if (!earlier) return earlier.error();
    return Found{std::move(*earlier), std::move(opened)};
}

Found begun_anew(const Preflight& preflight, Earlier::Kind kind, std::string what = {}) {
    Found found{.earlier = {.kind = kind, .what = std::move(what)}};
    if (preflight.scan) found.earlier.rows = preflight.scan->rows;
    return found;
}

// True if only some rows are asked: the journal is needed then, because it holds the replies to the
// other rows.
bool asks_some(const Job& job) { return job.retry_failed || !job.retry.empty(); }

}  // namespace

// Replies that were paid for are kept even if the job may overwrite. Only two things are replaced:
// a finished result, and a journal of another job. A result is not replaced if an earlier run had
// begun to replace it and was killed. Nothing is replaced if only some rows are asked again.
Expected<Found, RunError> find_earlier(
    const Job& job, Preflight& preflight, const job::Interrupt& interrupt
) {
    using Kind = Earlier::Kind;
    if (job::to_standard_output(job.output)) {
        if (asks_some(job)) return nothing_to_retry("standard output");
        return begun_anew(preflight, Kind::none);
    }
    const bool is_finished = is_there(job.output.file);
    const bool may_replace = job.output.overwrite && !asks_some(job) && !job.allow_gone;
    const auto path = job::journal_path(job.output.file);
    const bool is_half_replaced = is_there(path) && job::is_being_replaced(job.output);
    if (is_finished && may_replace && !is_half_replaced) {
        return begun_anew(preflight, Kind::replaced, "the result of an earlier run");
    }
    if (!is_there(path)) {
        // `--retry-failed` on a job that was never run asks every row, so that a script can always
        // pass the option.
        const bool wants_journal = !job.retry.empty() || (is_finished && job.retry_failed);
        if (wants_journal) return nothing_to_retry(job::shown(job.output.file));
        return begun_anew(preflight, Kind::none);
    }
    auto found = [&]() -> Expected<Found, RunError> {
        auto journal = job::Journal::open(path, preflight.facts, job::Journal::How::resume);
        if (!journal) return journal.error();
        return go_on_with(job, preflight, interrupt, std::move(*journal));
    }();
    if (!found && may_replace && found.error().kind == RunError::Kind::config) {
        return begun_anew(preflight, Kind::replaced, found.error().what);
    }
    return found;
}

Expected<Opened, RunError> open_journal(const Job& job, const Preflight& preflight, Found found) {
    using job::Journal;
    if (found.opened) return std::move(*found.opened);
    const auto begun = [&](Expected<Journal, RunError> journal) -> Expected<Opened, RunError> {
        if (!journal) return journal.error();
        auto read = recovered(job, preflight, std::move(*journal));
        if (!read) return read.error();
        return std::move(read->opened);
    };
    if (job::to_standard_output(job.output)) {
        std::error_code error;
        const auto folder = fs::temp_directory_path(error);
        if (error) {
            return RunError{
                RunError::Kind::config,
                "there is no folder for temporary files (TMPDIR): " + error.message()};
        }
        return begun(Journal::anonymous(folder.string(), preflight.facts));
    }
    if (auto made = job::make_folder(job.output); !made) return made.error();
    const bool anew = found.earlier.kind == Earlier::Kind::replaced;
    return begun(Journal::open(
        job::journal_path(job.output.file),
        preflight.facts,
        anew ? Journal::How::overwrite : Journal::How::resume
    ));
}

}  // namespace skein
