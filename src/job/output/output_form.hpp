// The form of an output: what is written for a row, made from its result line. The journal always
// keeps the result line, so that an output of any form can be made from it again.
#pragma once
#include "job/output/result_facts.hpp"
#include "settings/column_source.hpp"

#include <skein/job.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

struct OutputColumn {
    std::string name{};
    config::ColumnSource source{};
};

struct OutputForm {
    Output::Format format = Output::Format::openai_batch;
    std::vector<OutputColumn> columns{};  // Of `jsonl` and `csv`.
    // Of `jsonl` and `csv`: what went wrong stands in a member or column `error` behind the others.
    bool adds_error = false;

    bool is_as_kept() const { return format == Output::Format::openai_batch; }
    // Is what is written for a row one line of JSON? Else it is a text, and of CSV it may hold line
    // ends.
    bool is_json() const { return format != Output::Format::csv && format != Output::Format::text; }
};

// Columns whose sources are wrong are left out; they were refused before.
OutputForm output_form(const Output& output);

// What stands before the first row, with its line end; empty for most forms.
std::string header_of(const OutputForm& form);

// Appends what is written for the row of this result line, without the line end behind it.
void append_row(std::string& out, const OutputForm& form, std::string_view line);

}  // namespace skein::job
