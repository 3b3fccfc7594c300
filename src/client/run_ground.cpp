#include "client/run_ground.hpp"

#include "client/local_tier.hpp"
#include "config/check.hpp"
#include "dialect/address.hpp"
#include "job/facts.hpp"
#include "mock_server/weather.hpp"
#include "wire/curl_global.hpp"

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

    auto asker = job::Asker::make(
        job.request,
        ground.source->format(),
        ground.source->fields(),
        usual_model(job.settings.endpoints)
    );
    if (!asker) return config_error(asker.error());
    ground.asker.emplace(std::move(*asker));
    ground.facts = job::facts_of(
        job,
        ground.source->format(),
        ground.scan ? std::optional{ground.scan->fingerprint} : std::nullopt
    );
    return ground;
}

Expected<Opened, RunError> open_journal(const Job& job, const Ground& ground) {
    using job::Journal;
    const auto open = [&]() -> Expected<Journal, RunError> {
        if (job::to_standard_output(job.output)) {
            std::error_code error;
            const auto folder = fs::temp_directory_path(error);
            if (error) {
                return RunError{
                    RunError::Kind::config,
                    "there is no folder for temporary files (TMPDIR): " + error.message()};
            }
            return Journal::anonymous(folder.string(), ground.facts);
        }
        const auto path = job::journal_path(job.output.file);
        // What was paid for is kept, also by a job that may overwrite: only a result that is
        // finished, or a journal of another job, is replaced.
        std::error_code unknown;
        const bool finished = fs::exists(job.output.file, unknown);
        if (!job.output.overwrite || !finished) {
            auto journal = Journal::open(path, ground.facts, Journal::How::resume);
            if (journal || !job.output.overwrite) return journal;
        }
        return Journal::open(path, ground.facts, Journal::How::overwrite);
    };
    auto journal = open();
    if (!journal) return journal.error();

    job::Index index;
    auto recovered =
        journal->recover([&](std::uint64_t line, job::Place place) { index.add(line, place); });
    if (!recovered) return recovered.error();
    if (index.repeated() > 0) {
        recovered->note +=
            (recovered->note.empty() ? "" : "; ") + std::to_string(index.repeated()) +
            " lines have more than one reply in the journal: the first success counts";
    }
    return Opened{std::move(*journal), std::move(index), std::move(recovered->note)};
}

std::optional<RunError> why_not_resumable(const Job& job, const Ground& ground) {
    std::error_code unknown;
    if (job::to_standard_output(job.output) || job.output.overwrite) return std::nullopt;
    if (!fs::exists(job::journal_path(job.output.file), unknown)) return std::nullopt;
    auto opened = open_journal(job, ground);
    if (!opened) return opened.error();
    const bool complete = ground.scan && opened->index.size() == ground.scan->rows;
    if (ground.standing == job::Standing::there && !complete) return job::output_exists(job.output);
    return std::nullopt;
}

}  // namespace skein
