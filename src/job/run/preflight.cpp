#include "job/run/preflight.hpp"

#include "client/assembly/local_tier.hpp"
#include "dialect/openai/address.hpp"
#include "job/input/batch_row.hpp"
#include "job/input/row_fields.hpp"
#include "job/input/template_warnings.hpp"
#include "job/journal/facts.hpp"
#include "job/journal/spent.hpp"
#include "mock_server/weather.hpp"
#include "settings/check/check_settings.hpp"
#include "wire/certificates.hpp"
#include "wire/curl_global.hpp"

#include <utility>

namespace skein {
namespace {

RunError config_error(const ConfigError& error) { return {RunError::Kind::config, error.text()}; }

// What a client would complain about, before anything is created.
std::optional<RunError> unfit(const Job& job) {
    if (auto complaint = check_settings(job.settings)) return config_error(*complaint);
    if (auto complaint = wire::check_libcurl()) return config_error(*complaint);
    if (auto complaint = wire::check_certificates_for(job.settings.endpoints)) {
        return config_error(*complaint);
    }
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
    json::Object object;
    if (!row || !*row || !(*row)->problem.empty() || object.parse((*row)->bytes)) return fields;
    for (const auto& member : object.members()) fields.push_back(member.name);
    return fields;
}

// A job without `request`: the rows may be whole requests in a form that is not read.
RunError without_asker(const Job& job, ConfigError why) {
    if (job.request.empty() && job.input.file != "-") {
        why.what += job::advice_on_row(fields_of_first_row(job.input));
    }
    return config_error(why);
}

void warn_of_template(const Job& job, const Ground& ground) {
    const auto* made = ground.asker->asks();
    if (!job.settings.log) return;
    if (!made && !job.request.empty()) {
        const auto place = job::place_or_request(job.request_place, 0);
        return job.settings.log(
            LogLevel::warn,
            place +
                ": request is not used, because the rows of the input are whole requests (they "
                "have a "
                "`body`); with input.format: jsonl they fill the request"
        );
    }
    if (!made) return;
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

}  // namespace

Expected<Ground, RunError> look_at(const Job& job, const job::Interrupt& interrupt, Look look) {
    if (auto why = unfit(job)) return std::move(*why);
    Ground ground;
    auto again = job::retry_conditions(job.retry);
    if (!again) return again.error();
    ground.again = std::move(*again);
    if (look == Look::all && !job::to_standard_output(job.output)) {
        auto standing = job::check_output(job.output, job.input);
        if (!standing) return standing.error();
        ground.standing = *standing;
    }
    if (look == Look::all && job.input.file != "-") {
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
    if (!asker) return without_asker(job, std::move(asker.error()));
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

}  // namespace skein
