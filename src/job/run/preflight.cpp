#include "job/run/preflight.hpp"

#include "client/assembly/local_tier.hpp"
#include "dialect/openai/address.hpp"
#include "job/input/batch_row.hpp"
#include "job/input/row_fields.hpp"
#include "job/input/template_warnings.hpp"
#include "job/journal/job_identity.hpp"
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

void warn_of_template(const Job& job, const Preflight& preflight) {
    const auto* made = preflight.builder->asks();
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
    auto fields = preflight.source->fields();
    if (fields.empty() && preflight.scan) fields = fields_of_first_row(job.input);
    job::RowsKnown known{.fields = fields};
    if (preflight.scan) known.rows = preflight.scan->rows;
    for (const auto& warning :
         job::template_warnings(*made, job.request, known, job.request_place)) {
        job.settings.log(LogLevel::warn, warning);
    }
}

// Rows that will fail, or none at all: told before anything is paid for.
void warn_of_input(const Job& job, const Preflight& preflight) {
    if (!job.settings.log || !preflight.scan) return;
    const auto& scan = *preflight.scan;
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

Expected<Preflight, RunError> look_at(const Job& job, const job::Interrupt& interrupt, Look look) {
    if (auto why = unfit(job)) return std::move(*why);
    Preflight preflight;
    auto again = job::retry_conditions(job.retry);
    if (!again) return again.error();
    preflight.again = std::move(*again);
    if (look == Look::all && !job::to_standard_output(job.output)) {
        auto standing = job::check_output(job.output, job.input);
        if (!standing) return standing.error();
        preflight.standing = *standing;
    }
    if (look == Look::all && job.input.file != "-") {
        auto scan = job::scan(job.input, &interrupt);
        if (!scan) return scan.error();
        preflight.scan = std::move(*scan);
    }
    auto source = job::Source::open(job.input, &interrupt);
    if (!source) return source.error();
    preflight.source.emplace(std::move(*source));
    if (auto started = preflight.source->start(); !started) return started.error();

    if (const auto fields = preflight.source->fields(); !fields.empty()) {
        if (auto wrong = job::check_row_fields(job, fields)) return config_error(*wrong);
    }
    auto builder = job::RequestBuilder::make(
        job.request,
        preflight.source->format(),
        preflight.source->fields(),
        usual_model(job.settings.endpoints),
        job.request_place
    );
    if (!builder) return without_asker(job, std::move(builder.error()));
    builder->tell_of_rows(job.input.id, job.output.keep);
    preflight.builder.emplace(std::move(*builder));
    preflight.facts = job::facts_of(
        job,
        preflight.source->format(),
        preflight.scan ? std::optional{preflight.scan->fingerprint} : std::nullopt
    );
    warn_of_input(job, preflight);
    warn_of_template(job, preflight);
    return preflight;
}

}  // namespace skein
