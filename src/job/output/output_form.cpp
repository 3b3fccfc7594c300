// Writes rows as JSON lines of columns, CSV or text. Invariant: every row has its line, in every
// form, and a row that failed says so in it or, as a text, is an empty line. Pure; any thread.
#include "job/output/output_form.hpp"

#include "job/output/maker_line.hpp"
#include "json/json.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace skein::job {
namespace {

using config::ColumnSource;
using Kind = ColumnSource::Kind;

// A value of a column: a text, or any other value as JSON. A text of JSON is kept as its text.
struct Cell {
    bool is_text = true;
    std::string text{};
};
using MaybeCell = std::optional<Cell>;

MaybeCell cell_of_text(const std::optional<std::string>& text) {
    return text ? MaybeCell{{true, *text}} : std::nullopt;
}

MaybeCell cell_of_json(std::optional<std::string_view> value) {
    if (!value || json::is_null(*value)) return std::nullopt;
    if (json::is_string(*value)) return Cell{true, json::said(*value)};
    return Cell{false, json::compact(*value)};
}

MaybeCell cell_in_text(const ResultFacts& facts, std::string_view path) {
    if (!facts.text()) return std::nullopt;
    const auto value = value_in_text(*facts.text(), path);
    return value ? cell_of_json(*value) : std::nullopt;
}

// A field whose name is the whole word is found before a path of that spelling.
MaybeCell cell_of_row(const ResultFacts& facts, const ColumnSource& source) {
    const auto row = facts.part("skein.row");
    if (!row || !json::is_object(*row)) return std::nullopt;
    json::Object fields;
    fields.take(*row);
    const auto whole = fields.find(source.field);
    return cell_of_json(whole ? whole : fields.find_path(source.path));
}

MaybeCell cell_of(const ResultFacts& facts, const ColumnSource& source) {
    switch (source.kind) {
        case Kind::text:
            return cell_of_text(facts.text());
        case Kind::id:
            return cell_of_json(facts.id());
        case Kind::json:
            return cell_in_text(facts, source.path);
        case Kind::row:
            return cell_of_row(facts, source);
        case Kind::finish_reason:
            return cell_of_text(facts.finish_reason());
        case Kind::model:
            return cell_of_text(facts.model());
        case Kind::endpoint:
            return cell_of_json(facts.part("skein.endpoint"));
        case Kind::cost:
            return cell_of_json(facts.part("skein.cost"));
        case Kind::input_tokens:
            return cell_of_json(facts.part("skein.usage.input_tokens"));
        case Kind::output_tokens:
            return cell_of_json(facts.part("skein.usage.output_tokens"));
        case Kind::error:
            return cell_of_text(facts.failure());
        case Kind::status:
            return cell_of_json(facts.status());
    }
    return std::nullopt;
}

void append_json_cell(std::string& out, const std::string& name, const MaybeCell& cell) {
    if (out.back() != '{') out += ',';
    json::append_string(out, name);
    out += ':';
    if (!cell) {
        out += "null";
    } else if (cell->is_text) {
        json::append_string(out, cell->text);
    } else {
        out += cell->text;
    }
}

// RFC 4180: in quotes where the text holds what divides fields and records. An empty field alone in
// its record is quoted as well, because the line would count as blank.
void append_csv_field(std::string& out, std::string_view text, bool is_alone) {
    const bool is_plain = text.find_first_of("\",\r\n") == text.npos;
    if (is_plain && !(text.empty() && is_alone)) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        out += c;
        if (c == '"') out += c;
    }
    out += '"';
}

void append_json_row(std::string& out, const OutputForm& form, const ResultFacts& facts) {
    std::string row = "{";
    for (const auto& [name, source] : form.columns) {
        append_json_cell(row, name, cell_of(facts, source));
    }
    const auto failure = form.adds_error ? facts.failure() : std::nullopt;
    if (failure) append_json_cell(row, "error", cell_of_text(failure));
    out.append(row).append("}");
}

void append_csv_row(std::string& out, const OutputForm& form, const ResultFacts& facts) {
    const bool is_alone = form.columns.size() == 1 && !form.adds_error;
    const char* comma = "";
    for (const auto& column : form.columns) {
        const auto cell = cell_of(facts, column.source);
        out += std::exchange(comma, ",");
        append_csv_field(out, cell ? cell->text : std::string{}, is_alone);
    }
    if (!form.adds_error) return;
    out += std::exchange(comma, ",");
    append_csv_field(out, facts.failure().value_or(std::string{}), false);
}

// One line for each row. With the backslash escaped as well, the text can be had back.
void append_text_row(std::string& out, const ResultFacts& facts) {
    if (!facts.text()) return;
    for (const char c : *facts.text()) {
        if (c == '\\') {
            out += R"(\\)";
        } else if (c == '\n') {
            out += R"(\n)";
        } else if (c == '\r') {
            out += R"(\r)";
        } else {
            out += c;
        }
    }
}

}  // namespace

OutputForm output_form(const Output& output) {
    OutputForm form{.format = output.format};
    const bool has_columns =
        form.format == Output::Format::jsonl || form.format == Output::Format::csv;
    if (!has_columns) return form;
    auto columns = output.columns;
    if (columns.empty()) columns = {{"id", "id"}, {"text", "text"}};
    for (auto& [name, text] : columns) {
        auto source = config::read_column_source(text);
        if (source) form.columns.push_back({std::move(name), std::move(*source)});
    }
    form.adds_error = std::ranges::none_of(form.columns, [](const OutputColumn& column) {
        return column.source.kind == Kind::error;
    });
    return form;
}

std::string header_of(const OutputForm& form) {
    std::string header;
    if (form.format != Output::Format::csv) return header;
    const char* comma = "";
    for (const auto& column : form.columns) {
        header += std::exchange(comma, ",");
        append_csv_field(header, column.name, false);
    }
    if (form.adds_error) header.append(std::exchange(comma, ",")).append("error");
    return header += '\n';
}

void append_row(std::string& out, const OutputForm& form, std::string_view line) {
    if (form.is_as_kept()) {
        out += line;
        return;
    }
    ResultFacts facts;
    facts.read(line);
    switch (form.format) {
        case Output::Format::openai_batch:
            break;
        case Output::Format::anthropic_batch:
            return append_anthropic_line(out, facts);
        case Output::Format::gemini_batch:
            return append_gemini_line(out, facts);
        case Output::Format::jsonl:
            return append_json_row(out, form, facts);
        case Output::Format::csv:
            return append_csv_row(out, form, facts);
        case Output::Format::text:
            return append_text_row(out, facts);
    }
}

}  // namespace skein::job
