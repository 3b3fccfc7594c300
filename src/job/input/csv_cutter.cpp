// Cuts CSV into records with libcsv and turns each record into a JSON object.
//
// Invariant: the parser never sees bytes of two records in one call, because input is fed up to the
// next line end. Memory: one block and one record. One thread; libcsv calls back synchronously.
#include "job/input/csv_cutter.hpp"

#include "base/assert.hpp"
#include "input/delimiter.hpp"
#include "job/file/disk.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein::job {
namespace {

// libcsv strips spaces around fields by default. In RFC 4180 they belong to the field.
int never_space(unsigned char) { return 0; }

// The text without spaces and tabs around it.
std::string_view without_spaces(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

CsvCutter::CsvCutter(std::size_t max_length, Options options)
    : max_{max_length}, options_{options}, buffer_(options.block) {
    SKEIN_ASSERT(options.block > 0);
    SKEIN_ASSERT(csv_init(&parser_, 0) == 0);
    csv_set_space_func(&parser_, never_space);
    begin_record();
}

CsvCutter::~CsvCutter() { csv_free(&parser_); }

std::span<char> CsvCutter::room() {
    // The whole buffer is free, because libcsv keeps the text of an unfinished field itself.
    SKEIN_ASSERT(begin_ == filled_);
    begin_ = filled_ = 0;
    return buffer_;
}

void CsvCutter::filled(std::size_t bytes) {
    SKEIN_ASSERT(bytes <= buffer_.size() - filled_);
    filled_ += bytes;
}

// A record can end only at a line end. Parsing up to one line end at a time therefore completes at
// most one record.
std::optional<CsvCutter::Record> CsvCutter::next() {
    if (whole_) begin_record();
    if (!begin()) return std::nullopt;
    while (!rest().empty() || (ended_ && !finished_)) {
        if (const auto left = rest(); left.empty()) {
            finish();
        } else {
            const auto end = left.find_first_of("\r\n");
            const auto piece = left.substr(0, end == left.npos ? left.size() : end + 1);
            parse(piece);
            advance(piece.size());
        }
        if (!whole_) continue;
        if (has_names_) return take();
        take_names();
        begin_record();
    }
    return std::nullopt;
}

// Collects the head of the file until the delimiter can be guessed. False if more bytes are needed.
bool CsvCutter::begin() {
    if (has_begun_) return true;
    head_.append(buffer_.data() + begin_, filled_ - begin_);
    begin_ = filled_;
    const auto begin = input::csv_begin(head_, options_.delimiter, ended_);
    if (!begin) return false;
    has_begun_ = true;
    head_at_ = begin->skipped;
    if (begin->skipped > 0) check_.skip_line();
    csv_set_delim(&parser_, static_cast<unsigned char>(begin->delimiter));
    begin_record();
    return true;
}

// The bytes to parse next: first the head that was collected for the guess, then the buffer.
std::string_view CsvCutter::rest() const {
    if (head_at_ < head_.size()) return std::string_view{head_}.substr(head_at_);
    return {buffer_.data() + begin_, filled_ - begin_};
}

void CsvCutter::advance(std::size_t bytes) {
    if (head_at_ >= head_.size()) {
        begin_ += bytes;
        return;
    }
    head_at_ += bytes;
    if (head_at_ < head_.size()) return;
    std::string{}.swap(head_);
    head_at_ = 0;
}

void CsvCutter::parse(std::string_view bytes) {
    length_ += bytes.size();
    // Keeps the state of the parser but drops the collected text of a record that is too long. One
    // byte stays, because libcsv may still remove a closing quote.
    if (is_too_long()) parser_.entry_pos = std::min<std::size_t>(parser_.entry_pos, 1);
    const auto parsed =
        csv_parse(&parser_, bytes.data(), bytes.size(), field_ended, record_ended, this);
    SKEIN_ASSERT(parsed == bytes.size());  // libcsv stops early only if memory is exhausted.
    const bool ends_line = bytes.back() == '\n' || bytes.back() == '\r';
    if (auto found = check_.add(bytes, ends_line); found && !bad_) bad_ = std::move(found);
    // libcsv reports no record for an empty line, so it is handled here.
    if (length_ == 1 && ends_line) take_blank(bytes);
    if (length_ == 0) line_ = check_.line();
    last_ = bytes.back();
}

// Handles a line end where a record would begin: a blank line, or the LF of a CRLF whose CR ended
// the record before.
void CsvCutter::take_blank(std::string_view bytes) {
    length_ = 0;
    if (bytes == "\n" && last_ == '\r') return;
    ++blank_lines_;
    if (!options_.asks_blank || !has_names_) return;
    on_field({});
    whole_ = true;
}

void CsvCutter::finish() {
    finished_ = true;
    if (auto found = check_.end(); found && !bad_) bad_ = std::move(found);
    // Strict mode reports a quote that is left open. The second call then takes the record anyway.
    csv_set_opts(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    unclosed_ = csv_fini(&parser_, field_ended, record_ended, this) != 0;
    if (!unclosed_) return;
    csv_set_opts(&parser_, 0);
    csv_fini(&parser_, field_ended, record_ended, this);
}

void CsvCutter::field_ended(void* text, std::size_t length, void* self) {
    static_cast<CsvCutter*>(self)->on_field({static_cast<const char*>(text), length});
}

void CsvCutter::record_ended(int, void* self) { static_cast<CsvCutter*>(self)->whole_ = true; }

// Called by libcsv, which is C: `noexcept`, because an exception must not pass through it. The
// first record collects the names. A column without a name is left out, and behind the last name a
// field must be empty.
void CsvCutter::on_field(std::string_view text) noexcept {
    if (!has_names_) {
        columns_.emplace_back(without_spaces(text));
    } else if (fields_ >= named_end_) {
        has_text_behind_names_ = has_text_behind_names_ || !text.empty();
    } else if (!columns_[fields_].empty() && !is_too_long()) {
        if (object_.size() > 1) object_ += ',';
        json::append_string(object_, columns_[fields_]);
        object_ += ':';
        json::append_string(object_, text);
    }
    ++fields_;
}

void CsvCutter::take_names() {
    has_names_ = true;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].empty()) continue;
        names_.push_back(columns_[i]);
        named_end_ = i + 1;
    }
    const auto line = std::to_string(line_) + ": ";
    if (bad_) {
        names_problem_ = bad_->place.text() + ": " + bad_->what;
    } else if (auto wrong = problem(); !wrong.empty()) {
        names_problem_ = line + wrong;
    } else {
        name_columns();
        if (!names_problem_.empty()) names_problem_.insert(0, line);
    }
}

// Refuses duplicate column names, because a placeholder could not tell the columns apart.
void CsvCutter::name_columns() {
    if (names_.empty()) names_problem_ = "no column has a name";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        for (std::size_t j = 0; j < i && !columns_[i].empty(); ++j) {
            if (columns_[i] != columns_[j]) continue;
            names_problem_ = "columns " + std::to_string(j + 1) + " and " + std::to_string(i + 1) +
                             " are both named `" + json::printable(columns_[i], 80) +
                             "`; each needs a name of its own";
            return;
        }
    }
}

CsvCutter::Record CsvCutter::take() {
    // The kept part of a long record depends on the block boundaries, so it is dropped.
    if (is_too_long()) object_ = '{';
    object_ += '}';
    return {
        .number = ++number_,
        .line = line_,
        .object = object_,
        .length = length_,
        .too_long = is_too_long(),
        .problem = bad_ ? bad_->place.text() + ": " + bad_->what : problem(),
        .unreadable = bad_.has_value(),
    };
}

// The causes come before their effects: an open quote swallows the lines behind it, so that length
// and fields are wrong as well.
std::string CsvCutter::problem() const {
    if (unclosed_) return "a quote is opened and never closed";
    if (is_too_long()) return "it is longer than " + size_shown(max_);
    if (!has_names_) return {};
    if (fields_ >= named_end_ && !has_text_behind_names_) return {};
    if (fields_ == columns_.size()) return "there is text in a column without a name";
    return "it has " + std::to_string(fields_) + " fields where the first line names " +
           std::to_string(columns_.size());
}

void CsvCutter::begin_record() {
    object_ = "{";
    fields_ = length_ = 0;
    line_ = check_.line();
    whole_ = unclosed_ = has_text_behind_names_ = false;
    bad_.reset();
}

}  // namespace skein::job
