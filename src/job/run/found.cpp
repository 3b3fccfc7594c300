// Finds what an earlier run has left, and decides what the next one makes of it.
//
// A journal is gone on with if it is of the same job. Costs 16 bytes a row of the journal, and 32
// once the input has changed.
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

// More of them than anybody reads would only hold up the beginning.
constexpr std::size_t most_failures_read = 20'000;

struct FailedPlace {
    std::uint64_t number = 0;
    job::RecordRef place{};
};

bool is_there(const std::string& path) {
    std::error_code unknown;
    return fs::exists(path, unknown);
}

// Requests of an earlier run may have left within the last minute: it wrote to its journal then, or
// opened it. A clock that was set back says so as well, to be on the safe side.
bool is_fresh(const job::Journal& journal) {
    const auto written = journal.last_written();
    const auto now = std::chrono::system_clock::now();
    return written && now - *written < std::chrono::minutes{1};
}

Expected<job::FailureGroups, RunError> read_failures(
    const job::Journal& journal, const job::Index& index, const std::vector<FailedPlace>& failed
) {
    job::FailureGroups groups;
    std::size_t read = 0;
    std::string line;
    for (const auto& [number, place] : failed) {
        if (index.find(number) != place) continue;  // There is a better one, or a later one.
        if (++read > most_failures_read) {
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

// Reads what an earlier run has left in it.
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

// Of a journal of this job.
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
    // Where rows are known by their content, the output may be that of an older input.
    const bool may_be_older = opened.rows.is_by_content();
    if (!has_all && !job.output.overwrite && !may_be_older) return job::output_exists(job.output);
    const bool has_work =
        !has_all || earlier.again > 0 || is_changed || job::is_being_replaced(job.output);
    if (!has_work) earlier.kind = Earlier::Kind::complete;
    return earlier;
}

// Is the journal one of this job? Then it is gone on with.
Expected<Found, RunError> go_on_with(
    const Job& job, Preflight& preflight, const job::Interrupt& interrupt, job::Journal journal
) {
    auto read = recovered(job, preflight, std::move(journal));
    if (!read) return read.error();
    auto& opened = read->opened;
    const auto& before = read->found.facts;
    const auto what = job::another_job(before, preflight.facts, !preflight.again.empty());
    const bool differs = job::another_job(before, preflight.facts, false).has_value();
    if (what && read->found.records > 0) return another_job_error(job, opened, *what);

    opened.gone_before = gone_as_told(before);
    auto facts = preflight.facts;
    const auto input = job::value_of(facts, job::fact_of_input);
    const bool is_changed = job::value_of(before, job::fact_of_input) != input;
    std::uint64_t gone = 0;
    const bool same_lines = read->found.is_of_one && !is_changed && preflight.scan;
    if (!same_lines && read->found.records > 0) {
        auto found = find_by_content(job, preflight, interrupt, !differs, opened);
        if (!found) return found.error();
        gone = *found;
    }
    if (gone > 0) facts.push_back({std::string{job::fact_of_gone}, std::to_string(gone)});
    if (facts != before) opened.facts = std::move(facts);

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

// To ask only some rows, the replies to the others are needed.
bool asks_some(const Job& job) { return job.retry_failed || !job.retry.empty(); }

}  // namespace

// What was paid for is kept, also by a job that may overwrite: only a result that is finished, or
// a journal of another job, is replaced, and not one whose replacement was begun and killed; and
// where only some rows are to be asked again, neither.
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
        // `--retry-failed` of a job that was never run asks all of it, as a script may want.
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
