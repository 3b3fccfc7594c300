// Finds what an earlier run has left, and decides what the next one makes of it.
//
// A journal is gone on with if it is of the same job. Its input may have changed: then rows are
// known by their content, and one pass over the input, before anything is sent, says which are new
// and which are gone; a second one compares requests, where rows seem to be gone. Costs 16 bytes a
// row of the journal, and 32 once the input has changed.
#include "client/run_found.hpp"

#include "base/json_text.hpp"
#include "job/facts.hpp"
#include "job/json_object.hpp"
#include "job/spent.hpp"

#include <algorithm>
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
constexpr std::size_t most_named = 3;

struct FailedPlace {
    std::uint64_t number = 0;
    job::Place place{};
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

// --- The rows of the journal, found in the input ------------------------------------------------

using HashOf = std::uint64_t job::Journal::Entry::*;

// The replies that count, by one of their hashes; those alone that have it and are `wanted`.
template <class Wanted>
Expected<job::RowTable, RunError> table_of(const Opened& opened, HashOf hash, Wanted wanted) {
    job::RowTable table;
    const auto& index = opened.rows.index();
    auto read =
        opened.journal.read_again([&](const job::Journal::Entry& entry, const job::Place& place) {
            const auto known = index.find(entry.line);
            const bool counts = known && known->offset() == place.offset();
            if (counts && entry.*hash != 0 && wanted(entry.line))
                table.add(entry.*hash, entry.line);
        });
    if (!read) return read.error();
    table.sort();
    return table;
}

// Visits every row of the input.
template <class Visit>
job::Done for_each_row(const Input& input, const job::Interrupt& interrupt, Visit visit) {
    auto source = job::Source::open(input, &interrupt);
    if (!source) return source.error();
    for (;;) {
        const auto row = source->next();
        if (!row) return row.error();
        if (!*row) return {};
        visit(**row);
    }
}

// The rows of the journal as they are found in the input, and the numbers of those that are not.
struct Matched {
    job::RowTable by_row;
    job::RowTable by_request{};
    std::vector<std::uint64_t> gone{};
};

// Rows whose bytes are not there may be written in another way, and ask the same.
job::Done match_requests(
    const Job& job,
    Ground& ground,
    const job::Interrupt& interrupt,
    const Opened& opened,
    Matched& matched
) {
    auto table = table_of(opened, &job::Journal::Entry::request_hash, [&](std::uint64_t number) {
        return std::ranges::binary_search(matched.gone, number);
    });
    if (!table) return table.error();
    if (table->is_empty()) return {};
    auto read = for_each_row(job.input, interrupt, [&](const job::Row& row) {
        if (matched.by_row.take(row.hash)) return;
        table->take(job::request_hash_of(ground.asker->ask(row), row.line));
    });
    if (!read) return read;
    matched.by_row.keep_taken();
    table->keep_taken();
    const auto found = table->not_taken();  // All that are kept.
    std::erase_if(matched.gone, [&](std::uint64_t number) {
        return std::ranges::binary_search(found, number);
    });
    matched.by_request = std::move(*table);
    return {};
}

// What a row is called in the journal; its number, where that cannot be read.
std::string name_of(const Opened& opened, std::uint64_t number) {
    const auto place = opened.rows.index().find(number);
    std::string out(place ? place->length() : 0, '\0');
    job::JsonObject line;
    if (place && opened.journal.read(place->offset(), out) && !line.parse(out)) {
        const auto id = line.find("custom_id");
        if (id && job::is_string(*id)) return json::printable(job::said(*id), 80);
    }
    return "row " + std::to_string(number);
}

RunError gone_error(const Job& job, const Opened& opened, const std::vector<std::uint64_t>& gone) {
    const auto count = gone.size();
    auto what = std::to_string(count) + (count == 1 ? " row" : " rows") + " of the journal " +
                job::shown(opened.journal.path()) + (count == 1 ? " is" : " are") +
                " not in the input " + job::shown(job.input.file) + " any more: ";
    for (std::size_t i = 0; i < count && i < most_named; ++i) {
        what += (i == 0 ? "" : ", ") + name_of(opened, gone[i]);
    }
    if (count > most_named) what += " …";
    return job::config_error(
        what +
        " (a row that was edited counts as gone, and as a new one); give --allow-gone to go on "
        "without them, another output file to begin a new job, or --overwrite to ask every row anew"
    );
}

bool may_be_gone(const Job& job, const Opened& opened, std::uint64_t gone) {
    return gone == 0 || job.allow_gone || gone <= opened.gone_before;
}

// From here on rows are known by their content. Returns how many are gone; they are forgotten.
// Requests are compared where the job makes the same ones as before of the same rows.
Expected<std::uint64_t, RunError> find_by_content(
    const Job& job,
    Ground& ground,
    const job::Interrupt& interrupt,
    bool same_requests,
    Opened& opened
) {
    auto table =
        table_of(opened, &job::Journal::Entry::row_hash, [](std::uint64_t) { return true; });
    if (!table) return table.error();
    Matched matched{.by_row = std::move(*table)};
    if (ground.scan) {
        auto& by_row = matched.by_row;
        auto read =
            for_each_row(job.input, interrupt, [&](const job::Row& row) { by_row.take(row.hash); });
        if (!read) return read.error();
        matched.gone = by_row.not_taken();
        by_row.keep_taken();
        if (same_requests && !matched.gone.empty()) {
            auto done = match_requests(job, ground, interrupt, opened, matched);
            if (!done) return done.error();
        }
        const auto& gone = matched.gone;
        if (!may_be_gone(job, opened, gone.size())) return gone_error(job, opened, gone);
        for (const auto number : gone) opened.rows.index().forget(number);
    }
    opened.rows.find_by(std::move(matched.by_row), std::move(matched.by_request));
    return matched.gone.size();
}

// --- A journal that is there --------------------------------------------------------------------

struct Recovered {
    Opened opened;
    job::Journal::Recovered found;
    std::vector<FailedPlace> failed{};
};

// Reads what an earlier run has left in it.
Expected<Recovered, RunError> recovered(
    const Job& job, const Ground& ground, job::Journal journal
) {
    Recovered result{.opened = {.journal = std::move(journal)}, .found = {}};
    auto& opened = result.opened;
    opened.is_fresh = is_fresh(opened.journal);
    auto found = opened.journal.recover([&](const job::Journal::Entry& entry, job::Place place) {
        const bool again = (job.retry_failed && !place.ok()) ||
                           (!ground.again.empty() && fits(ground.again, entry.ok, entry.out));
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

std::uint64_t gone_as_told(const job::Facts& facts) {
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
    const Job& job, const Ground& ground, const Opened& opened, bool is_changed, std::uint64_t gone
) {
    const auto& index = opened.rows.index();
    Earlier earlier{
        .kind = Earlier::Kind::resumed,
        .done = index.size(),
        .failed = index.failed(),
        .again = index.again(),
        .answers_too = !ground.again.empty(),
        .is_changed = is_changed,
        .gone = gone};
    if (ground.scan) earlier.rows = ground.scan->rows;
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
    const Job& job, Ground& ground, const job::Interrupt& interrupt, job::Journal journal
) {
    auto read = recovered(job, ground, std::move(journal));
    if (!read) return read.error();
    auto& opened = read->opened;
    const auto& before = read->found.facts;
    const auto what = job::another_job(before, ground.facts, !ground.again.empty());
    const bool differs = job::another_job(before, ground.facts, false).has_value();
    if (what && read->found.records > 0) return another_job_error(job, opened, *what);

    opened.gone_before = gone_as_told(before);
    auto facts = ground.facts;
    const auto input = job::value_of(facts, job::fact_of_input);
    const bool is_changed = job::value_of(before, job::fact_of_input) != input;
    std::uint64_t gone = 0;
    const bool same_lines = read->found.is_of_one && !is_changed && ground.scan;
    if (!same_lines && read->found.records > 0) {
        auto found = find_by_content(job, ground, interrupt, !differs, opened);
        if (!found) return found.error();
        gone = *found;
    }
    if (gone > 0) facts.push_back({std::string{job::fact_of_gone}, std::to_string(gone)});
    if (facts != before) opened.facts = std::move(facts);

    auto failures = read_failures(opened.journal, opened.rows.index(), read->failed);
    if (!failures) return failures.error();
    opened.failures = std::move(*failures);
    auto earlier = earlier_of(job, ground, opened, is_changed, gone);
    if (!earlier) return earlier.error();
    return Found{std::move(*earlier), std::move(opened)};
}

Found begun_anew(const Ground& ground, Earlier::Kind kind, std::string what = {}) {
    Found found{.earlier = {.kind = kind, .what = std::move(what)}};
    if (ground.scan) found.earlier.rows = ground.scan->rows;
    return found;
}

// To ask only some rows, the replies to the others are needed.
bool asks_some(const Job& job) { return job.retry_failed || !job.retry.empty(); }

}  // namespace

// What was paid for is kept, also by a job that may overwrite: only a result that is finished, or
// a journal of another job, is replaced, and not one whose replacement was begun and killed; and
// where only some rows are to be asked again, neither.
Expected<Found, RunError> find_earlier(
    const Job& job, Ground& ground, const job::Interrupt& interrupt
) {
    using Kind = Earlier::Kind;
    if (job::to_standard_output(job.output)) {
        if (asks_some(job)) return nothing_to_retry("standard output");
        return begun_anew(ground, Kind::none);
    }
    const bool is_finished = is_there(job.output.file);
    const bool may_replace = job.output.overwrite && !asks_some(job) && !job.allow_gone;
    const auto path = job::journal_path(job.output.file);
    const bool is_half_replaced = is_there(path) && job::is_being_replaced(job.output);
    if (is_finished && may_replace && !is_half_replaced) {
        return begun_anew(ground, Kind::replaced, "the result of an earlier run");
    }
    if (!is_there(path)) {
        // `--retry-failed` of a job that was never run asks all of it, as a script may want.
        const bool wants_journal = !job.retry.empty() || (is_finished && job.retry_failed);
        if (wants_journal) return nothing_to_retry(job::shown(job.output.file));
        return begun_anew(ground, Kind::none);
    }
    auto found = [&]() -> Expected<Found, RunError> {
        auto journal = job::Journal::open(path, ground.facts, job::Journal::How::resume);
        if (!journal) return journal.error();
        return go_on_with(job, ground, interrupt, std::move(*journal));
    }();
    if (!found && may_replace && found.error().kind == RunError::Kind::config) {
        return begun_anew(ground, Kind::replaced, found.error().what);
    }
    return found;
}

job::KnownRows::Match match_of(job::KnownRows& rows, job::Asker& asker, const job::Row& row) {
    return rows.match(row.line, row.hash, [&] {
        return job::request_hash_of(asker.ask(row), row.line);
    });
}

Expected<Opened, RunError> open_journal(const Job& job, const Ground& ground, Found found) {
    using job::Journal;
    if (found.opened) return std::move(*found.opened);
    const auto begun = [&](Expected<Journal, RunError> journal) -> Expected<Opened, RunError> {
        if (!journal) return journal.error();
        auto read = recovered(job, ground, std::move(*journal));
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
        return begun(Journal::anonymous(folder.string(), ground.facts));
    }
    if (auto made = job::make_folder(job.output); !made) return made.error();
    const bool anew = found.earlier.kind == Earlier::Kind::replaced;
    return begun(Journal::open(
        job::journal_path(job.output.file),
        ground.facts,
        anew ? Journal::How::overwrite : Journal::How::resume
    ));
}

std::optional<RunError> gone_from_stream(const Job& job, Opened& opened, bool has_asked) {
    if (!opened.rows.is_by_content()) return std::nullopt;
    const auto gone = opened.rows.by_content().not_taken();
    if (may_be_gone(job, opened, gone.size())) return std::nullopt;
    auto error = gone_error(job, opened, gone);
    if (has_asked) error.kind = RunError::Kind::local;
    return error;
}

}  // namespace skein
