// The jobs that `skein init` begins with.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::app {

// A job file of one kind, with places to fill, and rows to try it with.
struct FirstJob {
    std::string_view kind{};   // `csv`
    std::string_view about{};  // `a label for each record of a CSV file`
    std::string_view job{};
    std::string_view file{};  // The name of the rows' file.
    std::string_view rows{};
};

std::span<const FirstJob> first_jobs();
// Null: there is no such kind.
const FirstJob* first_job(std::string_view kind);

// The JSON Schema of a job file, for editors.
std::string_view job_schema();

// What is known of the rows that a job is written for.
struct KnownRows {
    std::string file{};
    std::vector<std::string> fields{};  // In their order; empty if there are none, as of a text.
    std::string prompt{};               // The field to ask about; one of `fields`.
};

// Of the fields of a row, with their values, the one that is most probably to be asked about: the
// longest text or number. Only fields that a placeholder can name; nothing if there is none.
std::optional<std::string> field_to_ask(
    const std::vector<std::pair<std::string, std::string>>& fields
);

// The text of the job file.
std::string job_text(const FirstJob& job, const KnownRows& rows);

}  // namespace skein::app
