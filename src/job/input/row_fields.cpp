// The parts of a row that its output line repeats: its id and the fields that the job keeps.
#include "job/input/row_fields.hpp"

#include "base/ascii.hpp"
#include "json/json.hpp"
#include "json/text.hpp"
#include "settings/column_source.hpp"

#include <algorithm>

namespace skein::job {
namespace {

bool is_kept(const Keep& keep, std::string_view name) {
    return std::ranges::find(keep.fields, name) != keep.fields.end();
}

ConfigError unknown_field(
    std::string where, const std::string& field, std::span<const std::string> fields
) {
    auto what = "the input has no field `" + json::printable(field, 80) + "`; it has: ";
    for (const auto& known : fields) {
        what += (&known == fields.data() ? "" : ", ") + json::printable(known, 80);
    }
    return {.where = std::move(where), .what = std::move(what)};
}

}  // namespace

std::optional<std::string> own_id(const json::Object& row, std::string_view field) {
    // `custom_id` has no dots, so the cheaper look-up by name suffices. It runs for every row.
    const auto value = field == usual_id ? row.find(field) : row.find_path(field);
    if (!value || *value == "null" || json::is_object(*value) || json::is_list(*value))
        return std::nullopt;
    if (!json::is_string(*value)) return std::string{*value};
    auto text = json::said(*value);
    if (text.empty()) return std::nullopt;
    return text;
}

std::string name_by_line(std::uint64_t line) { return "line-" + std::to_string(line); }

// Line ends are removed, because a value of a JSON list may span several lines and the output has
// one line for each row.
std::string kept_fields(const Keep& keep, const json::Object& row, std::string_view bytes) {
    if (!keep.any()) return {};
    if (keep.all) return json::one_line(std::string{trimmed(bytes)});
    std::string kept;
    for (const auto& [name, value] : row.members()) {
        if (!is_kept(keep, name)) continue;
        kept += kept.empty() ? '{' : ',';
        json::append_string(kept, name);
        kept += ':';
        kept += value;
    }
    // An empty object: an empty text would mean that the job keeps no fields.
    if (kept.empty()) return "{}";
    return json::one_line(kept + '}');
}

// A dot may be part of a name or lead into an object, which is known with each row only. So the
// field of the whole name is kept, and that of its first part.
Keep kept_for(const Output& output) {
    auto keep = output.keep;
    for (const auto& [name, text] : output.columns) {
        const auto source = config::read_column_source(text);
        if (!source || source->kind != config::ColumnSource::Kind::row) continue;
        keep.fields.push_back(source->field);
        keep.fields.push_back(source->path.substr(0, source->path.find('.')));
    }
    return keep;
}

// A misspelt `input.id` would fail every row, and a misspelt field of `output.keep` would be
// missing from every line. Both are refused before anything is sent.
std::optional<ConfigError> check_row_fields(const Job& job, std::span<const std::string> fields) {
    const auto is_there = [&](const std::string& field) {
        return std::ranges::find(fields, field) != fields.end();
    };
    if (!job.input.id.empty() && !is_there(job.input.id)) {
        return unknown_field(job.file + ": input.id", job.input.id, fields);
    }
    for (const auto& field : job.output.keep.fields) {
        if (!is_there(field)) return unknown_field(job.file + ": output.keep", field, fields);
    }
    for (const auto& [name, text] : job.output.columns) {
        const auto source = config::read_column_source(text);
        if (!source || source->kind != config::ColumnSource::Kind::row) continue;
        // Fields are texts here, so that no path leads into one.
        if (!is_there(source->field)) {
            return unknown_field(job.file + ": output.columns." + name, source->field, fields);
        }
    }
    return std::nullopt;
}

}  // namespace skein::job
