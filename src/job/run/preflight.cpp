// Preflight: checks settings, input, template and output of a job before anything is sent or paid
// for.
//
// Invariant: creates and changes nothing. Runs on the thread of the run.
#include "job/run/preflight.hpp"

#include "dialect/dialects.hpp"
#include "dialect/request/body.hpp"
#include "job/input/batch_row.hpp"
#include "job/input/row_fields.hpp"
#include "job/input/template_warnings.hpp"
#include "job/journal/job_identity.hpp"
#include "job/journal/spent.hpp"
#include "settings/check/check_output.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace skein {
namespace {

RunError config_error(const ConfigError& error) { return {RunError::Kind::config, error.text()}; }

// The field names of the first row, for formats where each row names its own fields. Opens the file
// a second time, so that it works for a regular file only.
std::vector<std::string> fields_of_first_row(const Input& input) {
    std::vector<std::string> fields;
    auto source = job::Source::open(input);
    // Errors give no fields: the fields only improve a message, and a broken input is reported
    // elsewhere.
    if (!source) return fields;
    const auto row = source->next();
    json::Object object;
    if (!row || !*row || !(*row)->problem.empty() || object.parse((*row)->bytes)) return fields;
    for (const auto& member : object.members()) fields.push_back(member.name);
    return fields;
}

// Adds advice to the error of a job without `request`, if its rows look like whole requests in the
// batch format of another API.
RunError without_asker(const Job& job, ConfigError why) {
    if (job.request.empty() && job.input.file != "-") {
        why.what += job::advice_on_row(fields_of_first_row(job.input));
    }
    return config_error(why);
}

void warn_of_template(const Job& job, const Preflight& preflight) {
    const auto* made = preflight.builder->asks();
    if (!job.settings.log) return;
    const bool is_heard = preflight.source->format() == Input::Format::gemini_batch &&
                          job.request.starts_with(R"({"stream":)");
    if (!made && !job.request.empty() && !is_heard) {
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

// A placeholder that no row of a file fills is a mistake of the template: every row would fail.
// Reads rows only until each placeholder is filled by one of them, which is usually the first.
std::optional<ConfigError> unfilled_placeholder(
    const Job& job, const job::Template& made, const job::Interrupt& interrupt
) {
    std::vector<std::size_t> unfilled(made.places());
    std::iota(unfilled.begin(), unfilled.end(), std::size_t{0});
    auto source = job::Source::open(job.input, &interrupt);
    json::Object object;
    std::optional<std::string> first;
    while (source && !unfilled.empty()) {
        const auto row = source->next();
        if (!row) return std::nullopt;  // Stopped, or unreadable: the run itself says so.
        if (!*row) break;
        if (!(*row)->problem.empty() || object.parse((*row)->bytes)) continue;
        if (!first) first = (*row)->bytes;
        std::erase_if(unfilled, [&](std::size_t place) {
            return made.is_filled_by(place, object);
        });
    }
    // Without any readable row nothing is known about the template.
    if (unfilled.empty() || !first || object.parse(*first)) return std::nullopt;
    return made.no_row_fills(unfilled.front(), object, job.request_place);
}

// A template gives all rows the same members, so the first row of a file shows what the API of an
// endpoint cannot be asked. It is refused even if another endpoint could serve all rows: an
// endpoint that can never serve is a mistake.
std::optional<ConfigError> refused_by_an_api(const Job& job, job::RequestBuilder& builder) {
    const auto& endpoints = job.settings.endpoints;
    const bool may_refuse = std::ranges::any_of(endpoints, [](const auto& endpoint) {
        return dialect_of(endpoint).refusal != nullptr;
    });
    if (!may_refuse || !builder.asks() || job.input.file == "-") return std::nullopt;
    auto source = job::Source::open(job.input);
    if (!source) return std::nullopt;
    const auto row = source->next();
    if (!row || !*row || !(*row)->problem.empty()) return std::nullopt;
    const auto asked = builder.ask(**row);
    if (!asked.request) return std::nullopt;
    for (const auto& endpoint : endpoints) {
        if (auto wrong = misfit(endpoint, *asked.request)) {
            return ConfigError{job::place_or_request(job.request_place, 0), *wrong};
        }
    }
    return std::nullopt;
}

// Rows of a maker's batch service are for that maker's API alone: without an endpoint that has it
// every row would fail.
std::optional<ConfigError> api_of_rows_is_not_there(const Job& job, Input::Format format) {
    const bool is_anthropic = format == Input::Format::anthropic_batch;
    if (!is_anthropic && format != Input::Format::gemini_batch) return std::nullopt;
    const auto api = is_anthropic ? Api::anthropic : Api::gemini;
    const auto& endpoints = job.settings.endpoints;
    const bool is_there =
        std::ranges::any_of(endpoints, [&](const auto& endpoint) { return endpoint.api == api; });
    if (is_there) return std::nullopt;
    return ConfigError{
        job.file,
        "the rows of " + job::shown(job.input.file) + " (" + std::string{job::name_of(format)} +
            ") are requests in the form of api: " + std::string{dialect_of(api).name} +
            ", and no endpoint has it"};
}

// Warns of an input without rows and of rows that will fail, before anything is paid for.
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

// Settings and output come before the input, because the scan reads all of it: a mistake in the
// settings must not cost that time. A trial (`Look::first_rows`) writes no file and reads a few
// rows, so it checks neither output nor the whole input.
Expected<Preflight, RunError> look_at(const Job& job, const job::Interrupt& interrupt, Look look) {
    if (const auto wrong = all_wrong_output(job); !wrong.empty())
        return config_error(wrong.front());
    auto client = plan_client(job.settings);
    if (!client) return config_error(client.error());
    Preflight preflight{.client = std::move(*client)};
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
    // Opened anew, because the scan has read its own source to the end.
    preflight.source.emplace(std::move(*source));
    if (auto started = preflight.source->start(); !started) return started.error();

    if (auto wrong = api_of_rows_is_not_there(job, preflight.source->format())) {
        return config_error(*wrong);
    }
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
    // With named fields (CSV, text) `RequestBuilder::make` has checked the placeholders already.
    const bool has_named_fields = !preflight.source->fields().empty();
    if (builder->asks() && preflight.scan && !has_named_fields) {
        if (auto wrong = unfilled_placeholder(job, *builder->asks(), interrupt))
            return config_error(*wrong);
    }
    if (auto wrong = refused_by_an_api(job, *builder)) return config_error(*wrong);
    builder->tell_of_rows(job.input.id, job::kept_for(job.output));
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
