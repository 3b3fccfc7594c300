#include "client/run_ground.hpp"

#include "client/local_tier.hpp"
#include "config/check.hpp"
#include "dialect/address.hpp"
#include "job/facts.hpp"
#include "job/row_fields.hpp"
#include "job/spent.hpp"
#include "job/template_warnings.hpp"
#include "mock_server/weather.hpp"
#include "wire/curl_global.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace skein {
namespace {

namespace fs = std::filesystem;

RunError config_error(const ConfigError& error) { return {RunError::Kind::config, error.text()}; }

// What a client would complain about, before anything is created.
std::optional<RunError> unfit(const Job& job) {
    if (auto complaint = check_settings(job.settings)) return config_error(*complaint);
    if (auto complaint = wire::check_libcurl()) return config_error(*complaint);
    for (const auto& endpoint : job.settings.endpoints) {
        if (!endpoint.url.starts_with("mock:") || endpoint.url == "mock:") continue;
        const auto weather = mock::load_weather(endpoint.url.substr(5));
        if (!weather) return RunError{RunError::Kind::config, weather.error().text};
    }
    if (auto pool = plan_of_local(job.settings); !pool) return config_error(pool.error());
    return std::nullopt;
}

// The names of the first row's fields, where a row may have its own: of a file, which can be read
// once more.
std::vector<std::string> fields_of_first_row(const Input& input) {
    std::vector<std::string> fields;
    auto source = job::Source::open(input);
    if (!source) return fields;
    const auto row = source->next();
    job::JsonObject object;
    if (!row || !*row || !(*row)->problem.empty() || object.parse((*row)->bytes)) return fields;
    for (const auto& member : object.members()) fields.push_back(member.name);
    return fields;
}

void warn_of_template(const Job& job, const Ground& ground) {
    const auto* made = ground.asker->asks();
    if (!job.settings.log || !made) return;
    auto fields = ground.source->fields();
    if (fields.empty() && ground.scan) fields = fields_of_first_row(job.input);
    job::RowsKnown known{.fields = fields};
    if (ground.scan) known.rows = ground.scan->rows;
    for (const auto& warning :
         job::template_warnings(*made, job.request, known, job.request_place)) {
        job.settings.log(LogLevel::warn, warning);
    }
}

// Rows that will fail, or none at all: told before anything is paid for.
void warn_of_input(const Job& job, const Ground& ground) {
    if (!job.settings.log || !ground.scan) return;
    const auto& scan = *ground.scan;
    if (scan.rows == 0) {
        job.settings.log(
            LogLevel::warn, job::shown(job.input.file) + " has no rows: there is nothing to ask"
        );
    }
    if (scan.unreadable == 0) return;
    job.settings.log(
        LogLevel::warn,
        std::to_string(scan.unreadable) + (scan.unreadable == 1 ? " row is" : " rows are") +
            " not UTF-8 and will fail; the first: " + scan.first_unreadable
    );
}

// Requests of an earlier run may have left within the last minute: it wrote to its journal then, or
// opened it. A clock that was set back says so as well, to be on the safe side.
bool is_fresh(const job::Journal& journal) {
    const auto written = journal.last_written();
    const auto now = std::chrono::system_clock::now();
    return written && now - *written < std::chrono::minutes{1};
}

}  // namespace

Expected<Ground, RunError> look_at(const Job& job, const job::Interrupt& interrupt) {
    if (auto why = unfit(job)) return std::move(*why);
    Ground ground;
    if (!job::to_standard_output(job.output)) {
        auto standing = job::check_output(job.output, job.input);
        if (!standing) return standing.error();
        ground.standing = *standing;
    }
    if (job.input.file != "-") {
        auto scan = job::scan(job.input, &interrupt);
        if (!scan) return scan.error();
        ground.scan = std::move(*scan);
    }
    auto source = job::Source::open(job.input, &interrupt);
    if (!source) return source.error();
    ground.source.emplace(std::move(*source));
    if (auto started = ground.source->start(); !started) return started.error();

    if (const auto fields = ground.source->fields(); !fields.empty()) {
        if (auto wrong = job::check_row_fields(job, fields)) return config_error(*wrong);
    }
    auto asker = job::Asker::make(
        job.request,
        ground.source->format(),
        ground.source->fields(),
        usual_model(job.settings.endpoints),
        job.request_place
    );
    if (!asker) return config_error(asker.error());
    asker->tell_of_rows(job.input.id, job.output.keep);
    ground.asker.emplace(std::move(*asker));
    ground.facts = job::facts_of(
        job,
        ground.source->format(),
        ground.scan ? std::optional{ground.scan->fingerprint} : std::nullopt
    );
    warn_of_input(job, ground);
    warn_of_template(job, ground);
    return ground;
}

namespace {

// More of them than anybody reads would only hold up the beginning.
constexpr std::size_t most_failures_read = 20'000;

struct FailedPlace {
    std::uint64_t line = 0;
    job::Place place{};
};

bool is_there(const std::string& path) {
    std::error_code unknown;
    return fs::exists(path, unknown);
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

// Reads what an earlier run has left in it.
Expected<Opened, RunError> recovered(job::Journal journal, bool retry_failed) {
    Opened opened{.journal = std::move(journal)};
    opened.is_fresh = is_fresh(opened.journal);
    std::vector<FailedPlace> failed;
    auto found = opened.journal.recover([&](std::uint64_t line, job::Place place) {
        opened.index.add(line, place);
        if (!place.ok() && !retry_failed) failed.push_back({line, place});
    });
    if (!found) return found.error();
    auto failures = read_failures(opened.journal, opened.index, failed);
    if (!failures) return failures.error();
    opened.failures = std::move(*failures);
    opened.spent = found->spent;
    opened.note = std::move(found->note);
    if (const auto repeated = opened.index.repeated(); repeated > 0) {
        opened.note += (opened.note.empty() ? "" : "; ") + std::to_string(repeated) +
                       " lines have more than one reply in the journal: the first success counts";
    }
    return opened;
}

Found begun_anew(const Ground& ground, Earlier::Kind kind, std::string what = {}) {
    Found found{.earlier = {.kind = kind, .what = std::move(what)}};
    if (ground.scan) found.earlier.rows = ground.scan->rows;
    return found;
}

RunError nothing_to_retry(const Job& job) {
    return job::config_error(
        job::shown(job.output.file) +
        " has no journal beside it, so which of its rows failed is not known; leave --retry-failed "
        "out to ask them all"
    );
}

// Of a journal of this job.
Expected<Earlier, RunError> earlier_of(const Job& job, const Ground& ground, const Opened& opened) {
    Earlier earlier{
        .kind = Earlier::Kind::resumed,
        .done = opened.index.size(),
        .failed = opened.index.failed()};
    if (job.retry_failed) earlier.again = earlier.failed;
    if (ground.scan) earlier.rows = ground.scan->rows;
    if (!is_there(job.output.file)) {
        if (earlier.done == 0) earlier.kind = Earlier::Kind::none;
        return earlier;
    }
    const bool has_all = earlier.rows == earlier.done;
    if (!has_all && !job.output.overwrite) return job::output_exists(job.output);
    const bool has_work = !has_all || earlier.again > 0 || job::is_being_replaced(job.output);
    if (!has_work) earlier.kind = Earlier::Kind::complete;
    return earlier;
}

}  // namespace

// What was paid for is kept, also by a job that may overwrite: only a result that is finished, or
// a journal of another job, is replaced, and not one whose replacement was begun and killed; and
// where only what failed is to be asked again, neither.
Expected<Found, RunError> find_earlier(const Job& job, const Ground& ground) {
    using Kind = Earlier::Kind;
    if (job::to_standard_output(job.output)) return begun_anew(ground, Kind::none);
    const bool is_finished = is_there(job.output.file);
    const bool may_replace = job.output.overwrite && !job.retry_failed;
    const auto path = job::journal_path(job.output.file);
    const bool is_half_replaced = is_there(path) && job::is_being_replaced(job.output);
    if (is_finished && may_replace && !is_half_replaced) {
        return begun_anew(ground, Kind::replaced, "the result of an earlier run");
    }
    if (!is_there(path)) {
        if (is_finished && job.retry_failed) return nothing_to_retry(job);
        return begun_anew(ground, Kind::none);
    }
    auto journal = job::Journal::open(path, ground.facts, job::Journal::How::resume);
    if (!journal && may_replace) {
        return begun_anew(ground, Kind::replaced, journal.error().what);
    }
    if (!journal) return journal.error();
    auto opened = recovered(std::move(*journal), job.retry_failed);
    if (!opened) return opened.error();
    auto earlier = earlier_of(job, ground, *opened);
    if (!earlier) return earlier.error();
    return Found{std::move(*earlier), std::move(*opened)};
}

Expected<Opened, RunError> open_journal(const Job& job, const Ground& ground, Found found) {
    using job::Journal;
    if (found.opened) return std::move(*found.opened);
    if (job::to_standard_output(job.output)) {
        std::error_code error;
        const auto folder = fs::temp_directory_path(error);
        if (error) {
            return RunError{
                RunError::Kind::config,
                "there is no folder for temporary files (TMPDIR): " + error.message()};
        }
        auto journal = Journal::anonymous(folder.string(), ground.facts);
        if (!journal) return journal.error();
        return recovered(std::move(*journal), false);
    }
    if (auto made = job::make_folder(job.output); !made) return made.error();
    const bool anew = found.earlier.kind == Earlier::Kind::replaced;
    auto journal = Journal::open(
        job::journal_path(job.output.file),
        ground.facts,
        anew ? Journal::How::overwrite : Journal::How::resume
    );
    if (!journal) return journal.error();
    return recovered(std::move(*journal), false);
}

}  // namespace skein
