// Checks what the forms of an output demand of each other. Invariant: whatever passes here can be
// written for every row, so that no run ends with answers that its output has no place for.
// Pure; any thread.
#include "settings/check/check_output.hpp"

#include "json/text.hpp"
#include "settings/column_source.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace skein {
namespace {

using Format = Output::Format;

constexpr std::array<std::pair<Format, std::string_view>, 6> names{{
    {Format::openai_batch, "openai-batch"},
    {Format::anthropic_batch, "anthropic-batch"},
    {Format::gemini_batch, "gemini-batch"},
    {Format::jsonl, "jsonl"},
    {Format::csv, "csv"},
    {Format::text, "text"},
}};

std::string format_text(const Output& output) {
    return "output.format " + std::string{name_of(output.format)};
}

std::string place_of_column(std::size_t at) { return "output.columns[" + std::to_string(at) + ']'; }

// A row that failed says why in a column of its own, whose name must be free.
void check_columns(const Output& output, std::vector<ConfigError>& wrong) {
    using Kind = config::ColumnSource::Kind;
    const auto& columns = output.columns;
    bool has_error = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& name = columns[i].first;  // No binding: clang 14 captures none.
        auto source = config::read_column_source(columns[i].second);
        if (!source) {
            wrong.push_back({.where = place_of_column(i), .what = source.error().what});
            continue;
        }
        has_error = has_error || source->kind == Kind::error;
        const bool is_new = std::none_of(
            columns.begin(),
            columns.begin() + static_cast<std::ptrdiff_t>(i),
            [&](const auto& other) { return other.first == name; }
        );
        if (name.empty()) wrong.push_back({place_of_column(i), "a column needs a name"});
        if (!is_new) {
            wrong.push_back(
                {place_of_column(i),
                 "the column `" + json::printable(name, 80) + "` is there twice"}
            );
        }
    }
    const auto own =
        std::ranges::find(columns, "error", &std::pair<std::string, std::string>::first);
    if (!has_error && own != columns.end()) {
        wrong.push_back(
            {place_of_column(static_cast<std::size_t>(own - columns.begin())),
             "the column `error` says why a row failed; give it the source error, or give this "
             "column another name"}
        );
    }
}

// What is not OpenAI's batch format has no member `skein`, in which kept fields stand.
void check_keep(const Output& output, std::vector<ConfigError>& wrong) {
    if (!output.keep.any() || output.format == Format::openai_batch) return;
    wrong.push_back(
        {"output.keep",
         format_text(output) + " has no place for kept fields; " +
             (has_columns(output.format) ? "name them in output.columns: {key: row.key}"
                                         : "leave output.keep out")}
    );
}

void check_body(const Job& job, std::vector<ConfigError>& wrong) {
    const auto& output = job.output;
    if (is_native_format(output.format)) {
        if (job.settings.native_body) return;
        return wrong.push_back(
            {"output.body",
             format_text(output) + " holds answers as the API gave them; leave output.body out"}
        );
    }
    if (!job.settings.native_body || output.format == Format::openai_batch) return;
    wrong.push_back(
        {"output.body",
         format_text(output) + " holds no bodies; leave output.body out, or take openai-batch"}
    );
}

// Lines of a maker's format can hold the answers of that maker's API only.
void check_apis(const Job& job, std::vector<ConfigError>& wrong) {
    if (!is_native_format(job.output.format)) return;
    const bool is_anthropic = job.output.format == Format::anthropic_batch;
    const auto api = is_anthropic ? Api::anthropic : Api::gemini;
    const auto* word = is_anthropic ? "anthropic" : "gemini";
    const auto other = std::ranges::find_if(job.settings.endpoints, [&](const Endpoint& endpoint) {
        return endpoint.api != api;
    });
    const bool is_remote = other != job.settings.endpoints.end();
    if (!is_remote && !job.settings.local) return;
    const auto who =
        is_remote ? "endpoint " + other->name + " has another" : "a local pool has another";
    wrong.push_back(
        {"output.format",
         format_text(job.output) + " holds answers of api: " + word + " only, and " + who +
             "; take openai-batch, which holds all"}
    );
}

}  // namespace

std::string_view name_of(Format format) {
    const auto* at = std::ranges::find(names, format, &std::pair<Format, std::string_view>::first);
    return at == names.end() ? std::string_view{"unknown"} : at->second;
}

bool has_columns(Format format) { return format == Format::jsonl || format == Format::csv; }

bool is_native_format(Format format) {
    return format == Format::anthropic_batch || format == Format::gemini_batch;
}

std::vector<ConfigError> all_wrong_output(const Job& job) {
    std::vector<ConfigError> wrong;
    if (!job.output.columns.empty() && !has_columns(job.output.format)) {
        wrong.push_back(
            {"output.columns",
             "output.columns are for output.format jsonl and csv, and this one is " +
                 std::string{name_of(job.output.format)}}
        );
    } else {
        check_columns(job.output, wrong);
    }
    check_keep(job.output, wrong);
    check_body(job, wrong);
    check_apis(job, wrong);
    return wrong;
}

}  // namespace skein
