#include "app/first_jobs.hpp"

#include "app/first_job_files.hpp"
#include "base/ascii.hpp"
#include "json/object.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein::app {
namespace {

namespace files = first_job_files;

constexpr std::array jobs{
    FirstJob{
        "csv", "a label for each record of a CSV file", files::csv, "reviews.csv", files::reviews},
    FirstJob{
        "text",
        "a request for each line of a text file",
        files::text,
        "prompts.txt",
        files::prompts},
    FirstJob{
        "chat",
        "a chat for each object of a JSONL file",
        files::chat,
        "questions.jsonl",
        files::questions},
    FirstJob{
        "embeddings",
        "a vector for each line of a text file",
        files::embeddings,
        "lines.txt",
        files::lines},
    FirstJob{
        "batch",
        "a file that was made for a batch service",
        files::batch,
        "requests.jsonl",
        files::requests},
    FirstJob{"local", "a model on this machine", files::local, "lines.txt", files::lines},
};

// A text that YAML and a reader of `${NAME}` leave as it is.
std::string yaml_word(std::string_view text) {
    const auto is_plain = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view{"_-./"}.find(c) != std::string_view::npos;
    };
    const bool begins_well = !text.empty() && text.front() != '-' && !is_digit(text.front());
    const bool is_nothing = same_letters(text, "null");
    if (begins_well && !is_nothing && std::ranges::all_of(text, is_plain)) return std::string{text};
    std::string out;
    json::append_string(out, text);
    for (auto at = out.find("${"); at != out.npos; at = out.find("${", at + 3)) out.insert(at, "$");
    return out;
}

// Two columns of the rows stand before the answer: the first field, which often names the row, and
// the one that was asked about.
std::string columns_of(const KnownRows& rows) {
    std::vector<std::string> shown;
    if (!rows.fields.empty()) shown.push_back(rows.fields.front());
    if (!rows.prompt.empty() && (shown.empty() || shown.front() != rows.prompt))
        shown.push_back(rows.prompt);
    std::string text;
    for (const auto& field : shown)
        text += (text.empty() ? "" : ", ") + yaml_word(field) + ": " + yaml_word("row." + field);
    return text.empty() ? "id: id" : text;
}

void fill(std::string& text, std::string_view place, std::string_view value) {
    for (auto at = text.find(place); at != text.npos; at = text.find(place, at + value.size()))
        text.replace(at, place.size(), value);
}

bool can_be_placed(std::string_view name) {
    return !name.empty() && trimmed(name) == name && !json::has_control(name) &&
           name.find_first_of("|{}'\"\\$") == name.npos;
}

}  // namespace

std::span<const FirstJob> first_jobs() { return jobs; }

const FirstJob* first_job(std::string_view kind) {
    const auto* at = std::ranges::find(jobs, kind, &FirstJob::kind);
    return at == jobs.end() ? nullptr : at;
}

std::string_view job_schema() { return files::job_schema; }

std::optional<std::string> field_to_ask(
    const std::vector<std::pair<std::string, std::string>>& fields
) {
    const std::pair<std::string, std::string>* longest = nullptr;
    for (const auto& field : fields) {
        if (!can_be_placed(field.first) || json::is_list(field.second)) continue;
        if (json::is_object(field.second)) continue;
        if (!longest || field.second.size() > longest->second.size()) longest = &field;
    }
    return longest ? std::optional{longest->first} : std::nullopt;
}

std::string job_text(const FirstJob& job, const KnownRows& rows) {
    std::string text{job.job};
    fill(text, "@INPUT@", yaml_word(rows.file));
    fill(text, "@FIELD@", rows.prompt);
    fill(text, "@COLUMNS@", columns_of(rows));
    return text;
}

}  // namespace skein::app
