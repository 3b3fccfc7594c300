// Reads the rows of an input: detects the format, chooses the cutter (lines, CSV or JSON array) and
// makes a row of each piece.
//
// A row that cannot be used carries a `problem` and the reading goes on. The reading ends with an
// error only if no further row can be trusted. One thread; a read may block.
#include "job/input/source.hpp"

#include "base/ascii.hpp"
#include "input/known_files.hpp"
#include "job/input/input_name.hpp"
#include "job/input/maker_row.hpp"
#include "json/object.hpp"
#include "json/text.hpp"

#include <utility>

namespace skein::job {
namespace {

using Format = Input::Format;

// Bytes from the beginning of the input in which the brackets of a JSON list are searched.
constexpr std::size_t enough_to_see_a_list = 64;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == text.npos; }

// The format of a file whose first line is such an object.
Format format_of_object(std::string_view line) {
    json::Object object;
    if (object.parse(line)) return Format::jsonl;
    return batch_format_of(object).value_or(Format::jsonl);
}

// True for the body of a call that creates a batch: `{"requests": [`, on however many lines. It is
// one value with all rows inside.
bool is_call_for_a_batch(std::string_view head) {
    auto rest = trimmed(head);
    for (const std::string_view token : {"{", "\"requests\"", ":", "["}) {
        if (!rest.starts_with(token)) return false;
        rest = trimmed(rest.substr(token.size()));
    }
    return true;
}

// True for `[` followed by an object, by the end of the list, or by nothing yet. A bracket alone is
// not enough, because a prompt may begin with one: `[INST]`.
bool is_list_of_objects(std::string_view head) {
    const auto text = trimmed(head);
    if (!text.starts_with('[')) return false;
    const auto inside = trimmed(text.substr(1));
    return inside.empty() || inside.front() == '{' || inside.front() == ']';
}

}  // namespace

std::string_view name_of(Format format) {
    switch (format) {
        case Format::automatic:
            return "automatic";
        case Format::openai_batch:
            return "openai-batch";
        case Format::anthropic_batch:
            return "anthropic-batch";
        case Format::gemini_batch:
            return "gemini-batch";
        case Format::mistral_batch:
            return "mistral-batch";
        case Format::jsonl:
            return "jsonl";
        case Format::csv:
            return "csv";
        case Format::text:
            return "text";
        case Format::json:
            return "json";
    }
    return "unknown";
}

Expected<Source, RunError> Source::open(
    const Input& input, const Interrupt* interrupt, std::size_t max_length
) {
    auto file = open_input(input);
    if (!file) return file.error();
    return take(std::move(*file), input, interrupt, max_length);
}

Expected<Source, RunError> Source::take(
    File file, const Input& input, const Interrupt* interrupt, std::size_t max_length
) {
    return Source{std::move(file), input, interrupt, max_length};
}

Source::Source(File file, const Input& input, const Interrupt* interrupt, std::size_t max_length)
    : text_{TextInput{
          InputFile{std::move(file), input.file == "-" ? "standard input" : input.file, interrupt},
          input}},
      name_{input.file == "-" ? "standard input" : input.file},
      max_{max_length},
      format_{input.format},
      blank_{input.blank},
      delimiter_{input.delimiter} {
    // The setting wins over the file name. A set delimiter selects CSV, because no other format has
    // one. Anything still unknown is detected by the first bytes and the first row.
    if (format_ == Format::automatic) format_ = format_by_name(input.file);
    if (format_ == Format::automatic && delimiter_ != '\0') format_ = Format::csv;
    if (format_ == Format::csv && delimiter_ == '\0') delimiter_ = delimiter_by_name(input.file);
}

std::vector<std::string> Source::fields() const {
    if (format_ == Format::text) return {"text"};
    return records_ ? records_->names() : std::vector<std::string>{};
}

std::string Source::what() const {
    std::string text{name_of(format_)};
    if (records_) text += ", cut at " + delimiter_shown(records_->delimiter());
    const auto kept = text_.from().kept_as();
    return kept.empty() ? text : text + ", " + kept;
}

std::uint64_t Source::blank_lines() const {
    return records_ ? records_->blank_lines() : blank_lines_;
}

// Reads nothing from a stream whose format is given, because its first row may be long in coming
// and local workers can load meanwhile.
Done Source::start() {
    const bool is_given = format_ != Format::automatic && format_ != Format::csv;
    return is_given && !text_.from().is_regular() ? Done{} : look();
}

// Makes the cutter and detects the format, once. The first row is read ahead and kept, because a
// stream cannot be read twice.
Done Source::look() {
    if (started_) return {};
    started_ = true;
    if (auto begun = begin(); !begun) return begun;
    if (format_ != Format::automatic && format_ != Format::csv && format_ != Format::jsonl) {
        return {};
    }
    auto first = cut();
    if (!first) return first.error();
    ahead_ = std::move(*first);
    if (records_) return check_names();
    return detect(ahead_ ? ahead_->bytes : std::string_view{});
}

// Creates the cutter for the format. A JSON array of objects is detected here, by its first bytes.
Done Source::begin() {
    const auto head = text_.peek(enough_to_see_a_list);
    if (!head) return told_of(head.error());
    if (format_ == Format::automatic && is_list_of_objects(*head)) format_ = Format::json;
    if (format_ != Format::text && format_ != Format::csv && is_call_for_a_batch(*head)) {
        return refuse("the body of a call that creates a batch", "jq -c '.requests[]' {file}");
    }
    if (format_ == Format::csv) {
        records_ = std::make_unique<CsvCutter>(
            max_,
            CsvCutter::Options{.delimiter = delimiter_, .asks_blank = blank_ == Input::Blank::ask}
        );
    } else if (format_ == Format::json) {
        values_ = std::make_unique<input::ArrayCutter>(max_);
    } else {
        lines_ = std::make_unique<LineCutter>(max_);
    }
    return {};
}

// Detects the format by the first line. A file named `.jsonl` is never taken for text, because its
// broken rows must fail and not be sent as prompts. A file name of another known kind (such as
// `.md`) is an error unless the first line is JSON.
Done Source::detect(std::string_view first) {
    const auto text = trimmed(first);
    if (text == "{") return refuse("a JSON object over several lines", "jq -c . {file}");
    if (text == "[") return refuse("a JSON list of no objects", "jq -c '.[] | {text: .}' {file}");
    if (format_ == Format::jsonl) {
        if (!is_list_of_objects(text)) return {};
        return refuse("a JSON list (input.format: json)", "jq -c '.[]' {file}");
    }
    const bool is_object = text.starts_with('{');
    const bool is_json = is_object || text.empty() || is_json_lines_name(name_);
    format_ = is_json ? format_of_object(first) : Format::text;
    const auto known = input::known_name(unpacked_name(name_));
    if (!known || text.empty()) return {};
    json::Object object;
    const bool is_row = is_object && !object.parse(first);
    return is_row ? Done{} : refuse(known->name, known->advice);
}

Done Source::refuse(std::string_view name_of_kind, std::string_view advice) const {
    return config_error(
        input::refusal_of({name_of_kind, advice}, name_) +
        (format_ == Format::text ? "; if every line of it is a prompt, set input.format: text" : "")
    );
}

Done Source::check_names() const {
    if (records_->names_problem().empty()) return {};
    return config_error(
        shown(name_) + ":" + records_->names_problem() +
        " (the first line names the columns, cut at " + delimiter_shown(records_->delimiter()) +
        ", which input.delimiter can change)"
    );
}

Expected<std::optional<Row>, RunError> Source::next(Rows rows) {
    if (auto looked = look(); !looked) return looked.error();
    auto row = std::exchange(ahead_, std::nullopt);
    if (!row) {
        auto read = cut();
        if (!read || !*read) return read;
        row = std::move(*read);
    }
    if (format_ == Format::text && row->problem.empty()) check_text(*row);
    // An invalid byte of CSV or text ends the input, because it is not known which other rows
    // it damages.
    if (row->unreadable) return ended_by(std::move(row->problem));
    last_row_ = row->line;
    // A scan sends nothing, so its errors stay mistakes of the configuration.
    if (rows == Rows::as_they_are) return row;
    only_looks_ = false;
    // Hashed before `make_object`, so that the hash of a line of text is that of the line. A row
    // that is too long has its length instead, because its bytes are dropped.
    if (row->hash == 0) row->hash = hash_of(row->bytes);
    if (format_ == Format::text && row->problem.empty()) make_object(*row);
    return row;
}

void Source::check_text(Row& row) const {
    const auto bad = input::first_bad_byte(row.bytes);
    if (!bad) return;
    const input::TextPlace place{row.line, input::characters(row.bytes.substr(0, bad->at)) + 1};
    row.problem = shown(name_) + ":" + place.text() + ": " + input::words_for(*bad, row.bytes);
    row.unreadable = true;
}

void Source::make_object(Row& row) {
    row.made_here = true;
    object_ = R"({"text":)";
    json::append_string(object_, row.bytes);
    object_ += '}';
    row.bytes = object_;
}

Expected<std::optional<Row>, RunError> Source::cut() {
    if (records_) return next_record();
    return values_ ? next_value() : next_line();
}

// After the end is read, the loop runs once more: the cutter then gives out a last line without a
// line feed.
Expected<std::optional<Row>, RunError> Source::next_line() {
    for (bool more = true; more;) {
        while (const auto line = lines_->next()) {
            if (auto row = row_of(*line)) return row;
        }
        if (auto read = refill(*lines_, more); !read) return read.error();
    }
    return std::optional<Row>{};
}

// The row of a line; nothing for a blank line that is left out.
std::optional<Row> Source::row_of(const LineCutter::Line& line) {
    auto text = line.text;
    // The first half of a CRLF.
    if (text.ends_with('\r')) text.remove_suffix(1);
    Row row{.line = line.number, .bytes = text};
    if (line.too_long) {
        row.hash = line.length;
        row.problem = "it is longer than " + size_shown(max_);
    } else if (is_blank(text)) {
        if (blank_ == Input::Blank::skip) {
            ++blank_lines_;
            return std::nullopt;
        }
        // With `input.blank: ask` a blank line of text is an empty prompt. As JSON it can only
        // fail.
        if (format_ == Format::jsonl || holds_requests(format_)) {
            row.problem = "the line is blank";
        }
    }
    return row;
}

Expected<std::optional<Row>, RunError> Source::next_record() {
    for (bool more = true; more;) {
        if (auto record = records_->next()) return row_of(std::move(*record));
        if (auto read = refill(*records_, more); !read) return read.error();
    }
    return std::optional<Row>{};
}

Row Source::row_of(CsvCutter::Record&& record) const {
    Row row{
        .line = record.number,
        .bytes = record.object,
        .hash = record.too_long ? record.length : 0,
        .problem = std::move(record.problem),
        .made_here = true,
        .unreadable = record.unreadable,
    };
    if (row.problem.empty()) return row;
    // The problem of a record with an invalid byte begins with the line and column.
    const auto line = row.unreadable ? std::string{} : std::to_string(record.line) + ": ";
    row.problem = shown(name_) + ":" + line + row.problem;
    return row;
}

Expected<std::optional<Row>, RunError> Source::next_value() {
    for (bool more = true; more;) {
        if (const auto value = values_->next()) {
            Row row{.line = value->number, .bytes = value->text};
            if (value->too_long) {
                row.hash = value->length;
                row.problem = "it is longer than " + size_shown(max_);
            }
            return row;
        }
        // A syntax error between two values ends the input, because it is not known where the next
        // value begins.
        if (!values_->problem().empty()) {
            return told_of(config_error(
                shown(name_) + ":" + std::to_string(values_->line()) + ": " + values_->problem()
            ));
        }
        if (auto read = refill(*values_, more); !read) return read.error();
    }
    return std::optional<Row>{};
}

// Reads more bytes into the cutter. Sets `more` to false if the end had been reached before.
template <class Cutter>
Done Source::refill(Cutter& cutter, bool& more) {
    more = !read_all_;
    if (read_all_) return {};
    const auto room = cutter.room();
    const auto count = text_.read(room);
    if (!count) return told_of(count.error());
    // The fingerprint is that of the unpacked and decoded text, so that a file which was packed
    // since is the same input.
    hasher_.add({room.data(), *count});
    cutter.filled(*count);
    read_all_ = *count == 0;
    if (read_all_) cutter.end();
    return {};
}

// The error for an input that cannot be read further: of kind `config` if no row was given out yet,
// of kind `local` afterwards.
RunError Source::ended_by(std::string what) const {
    return {only_looks_ ? RunError::Kind::config : RunError::Kind::local, std::move(what)};
}

// The same error with the position up to which the input was read.
RunError Source::told_of(RunError error) const {
    // Errors of the system and interrupts have their own words and kind.
    if (error.kind != RunError::Kind::config) return error;
    if (last_row_ > 0) {
        error.what += std::string{", behind "} + (lines_ ? "line " : "row ");
        error.what += std::to_string(last_row_);
    }
    return ended_by(std::move(error.what));
}

}  // namespace skein::job
