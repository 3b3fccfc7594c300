// The commands `init` and `schema`. `init` writes up to three files and keeps each that is there:
// the job, the schema beside it, and, if the rows of the job are not there yet, a few to try it
// with.
#include "app/command.hpp"
#include "app/first_jobs.hpp"
#include "app/new_file.hpp"
#include "app/result.hpp"
#include "job/input/source.hpp"
#include "json/object.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace skein::app {
namespace {

using Format = Input::Format;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string_view kind_for(Format format) {
    switch (format) {
        case Format::csv:
            return "csv";
        case Format::text:
            return "text";
        case Format::jsonl:
        case Format::json:
            return "chat";
        default:
            return "batch";
    }
}

// The names and values of a row's members.
Fields fields_of(std::string_view row) {
    json::Object object;
    Fields fields;
    if (object.parse(row)) return fields;
    for (const auto& member : object.members()) fields.emplace_back(member.name, member.value);
    return fields;
}

struct Begun {
    const FirstJob* job = nullptr;
    KnownRows rows{};
    bool has_own_rows = true;  // Or those that come with the kind.
};

ConfigError wrong(std::string what) { return {.where = {}, .what = std::move(what)}; }

// Looks into the file of the rows. `kind` is empty if the file shall say it.
Expected<Begun, ConfigError> begun_with(const std::string& file, std::string_view kind) {
    auto source = job::Source::open({.file = file});
    if (!source) return wrong(source.error().what);
    const auto row = source->next();
    if (!row) return wrong(row.error().what);
    if (!*row) return wrong(file + " has no row; put one in, so that its fields are known");
    Begun begun{.job = first_job(kind.empty() ? kind_for(source->format()) : kind)};
    begun.rows.file = file;
    const auto fields = (*row)->problem.empty() ? fields_of((*row)->bytes) : Fields{};
    for (const auto& [name, value] : fields) begun.rows.fields.push_back(name);
    begun.rows.prompt = field_to_ask(fields).value_or("FIELD");
    return begun;
}

// A kind alone: the rows are those that come with it.
Begun begun_with(const FirstJob& job) {
    Begun begun{.job = &job, .has_own_rows = false};
    begun.rows.file = job.file;
    if (job.kind == "csv") begun.rows.fields = {"id", "product", "review"};
    if (job.kind == "csv") begun.rows.prompt = "review";
    if (job.kind == "chat") begun.rows.prompt = "question";
    return begun;
}

Expected<Begun, ConfigError> begin(const Command& command) {
    const auto* job = first_job(command.kind);
    std::error_code unknown;
    if (job && command.rows_file.empty()) return begun_with(*job);
    if (job) return begun_with(command.rows_file, job->kind);
    const bool is_file = std::filesystem::exists(command.kind, unknown);
    if (is_file && command.rows_file.empty()) return begun_with(command.kind, "");
    std::vector<std::string_view> kinds;
    for (const auto& one : first_jobs()) {
        kinds.push_back(one.kind);
    }
    return wrong(
        "'" + command.kind + "' is no file here, and no kind of job" +
        config::advice(command.kind, kinds)
    );
}

// Where the file of rows stands for the job: names in it are relative to the job's folder.
std::string seen_from(const std::filesystem::path& folder, const std::string& file) {
    std::error_code failed;
    if (file == "-" || folder.empty() || std::filesystem::path{file}.is_absolute()) return file;
    auto path = std::filesystem::relative(file, folder, failed);
    return failed || path.empty() ? std::filesystem::absolute(file, failed).string()
                                  : path.string();
}

// Writes a file beside the job that need not be new. False: it can not be written.
bool write_beside(
    Terminal& terminal, const std::filesystem::path& path, std::string_view text, std::string& told
) {
    const auto file = write_new_file(path.string(), text);
    if (file.state == NewFile::State::failed)
        complain(terminal, path.string() + " cannot be written: " + file.why);
    if (file.state == NewFile::State::written)
        told += (told.empty() ? "" : ", ") + json::printable(path.string(), 400);
    return file.state != NewFile::State::failed;
}

}  // namespace

int init_command(const Command& command) {
    Terminal terminal{LogLevel::warn};
    auto begun = begin(command);
    if (!begun) return complain(terminal, begun.error().what);
    const auto& job = *begun->job;
    const std::filesystem::path path{command.init_to};
    const auto folder = path.parent_path();
    if (begun->has_own_rows) begun->rows.file = seen_from(folder, begun->rows.file);
    const auto made = write_new_file(command.init_to, job_text(job, begun->rows));
    if (made.state == NewFile::State::exists) {
        return complain(terminal, command.init_to + " exists; give -o another name, or remove it");
    }
    if (made.state == NewFile::State::failed) {
        complain(terminal, command.init_to + " cannot be written: " + made.why);
        return local_failure;
    }
    auto told = json::printable(command.init_to, 400);
    if (!write_beside(terminal, folder / "job.schema.json", job_schema(), told))
        return local_failure;
    if (!begun->has_own_rows && !write_beside(terminal, folder / job.file, job.rows, told))
        return local_failure;
    const auto name = json::printable(command.init_to, 400);
    return print_result(
        "written: " + told + "\n\nlook into " + name + ", then\n    skein check " + name +
        "     the plan; sends nothing\n    skein try " + name +
        "       asks the first three rows\n    skein run " + name + "\n"
    );
}

int schema_command(const Command&) { return print_result(job_schema()); }

}  // namespace skein::app
