#pragma once
#include "input/array_cutter.hpp"
#include "job/file/disk.hpp"
#include "job/file/fingerprint.hpp"
#include "job/file/interrupt.hpp"
#include "job/file/line_cutter.hpp"
#include "job/input/csv_cutter.hpp"
#include "job/input/peeking.hpp"
#include "job/input/text_input.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::job {

// One thing to ask. Whatever the format of the input, `bytes` is the text of a JSON object, unless
// the line was not one.
struct Row {
    std::uint64_t line = 0;    // In the input, counted from 1, blank ones too. CSV: the record.
    std::string_view bytes{};  // Valid until the next call of `next`.
    std::uint64_t hash = 0;    // Of the line, or of the fields of a record, for `as_objects`.
    std::string problem{};     // Why the row cannot be used; empty if it can.
    bool made_here = false;    // The object is our own writing: there is nothing to find wrong.
    bool unreadable = false;   // Its bytes are no text: never given out.
};

// The rows of an input, one after the other, with memory for one of them.
//
// Every line is a row: of `openai_batch` and `jsonl` it is a JSON object already, of `text` it
// becomes {"text": …}, of `csv` every record becomes an object of texts, of `json` every value of
// the array is a row. Blank lines are counted and left out, unless `input.blank` says to ask them.
// A byte order mark, CRLF and a missing last line end are accepted. What is longer than 64 MB is a
// row with a problem. What is no text is refused by name (TextInput); CSV and text end with an
// error at the first byte that is none, for nobody knows what else it spoils. Driven by one thread.
class Source {
public:
    static constexpr std::size_t longest_row = 64 * 1024 * 1024;

    // `-` is standard input. Nothing is read yet. The interrupt, if there is one, must outlive it.
    static Expected<Source, RunError> open(
        const Input& input, const Interrupt* interrupt = nullptr, std::size_t longest = longest_row
    );

    // The same of a file that is open already; `input.file` names it in messages.
    static Expected<Source, RunError> take(
        File file, const Input& input, const Interrupt* interrupt, std::size_t longest
    );

    // Reads as far as is needed to know the format and the names of the fields, if that is at all.
    // `next` does so by itself.
    Done start();

    // Called before every look at the file, which may wait for whoever writes it.
    void before_reading(std::function<void()> call) {
        text_.from().file().before_reading(std::move(call));
    }

    // What the rows are; not `automatic` after `start`.
    Input::Format format() const { return format_; }

    // The fields that every row has, where the format says so (CSV, text).
    std::vector<std::string> fields() const;

    // The format and how it is kept, for people: `CSV, cut at ';', gzip`.
    std::string what() const;

    // Nothing: that was the last. For those who only look, a line of text stays what it is.
    enum class Rows : std::uint8_t { as_objects, as_they_are };
    Expected<std::optional<Row>, RunError> next(Rows rows = Rows::as_objects);

    // Of the text read so far, unpacked and as UTF-8; at the end, of the whole input.
    Fingerprint fingerprint() const { return hasher_.now(); }

    // Blank lines so far that are no rows.
    std::uint64_t blank_lines() const;

private:
    Source(File file, const Input& input, const Interrupt* interrupt, std::size_t longest);
    Done look();
    Done begin();
    Done detect(std::string_view first);
    Done refuse(std::string_view name_of_kind, std::string_view advice) const;
    Expected<std::optional<Row>, RunError> cut();
    Expected<std::optional<Row>, RunError> next_line();
    Expected<std::optional<Row>, RunError> next_record();
    Expected<std::optional<Row>, RunError> next_value();
    std::optional<Row> row_of(const LineCutter::Line& line);
    Row row_of(CsvCutter::Record&& record) const;
    void check_text(Row& row) const;
    void make_object(Row& row);
    template <class Cutter>
    Done refill(Cutter& cutter, bool& more);
    Done check_names() const;
    RunError ended_by(std::string what) const;
    RunError told_of(RunError error) const;

    Peeking<TextInput> text_;
    std::string name_;
    std::size_t longest_;
    Input::Format format_;
    Input::Blank blank_;
    char delimiter_;
    bool started_ = false;
    Hasher hasher_;
    std::unique_ptr<LineCutter> lines_;
    std::unique_ptr<CsvCutter> records_;
    std::unique_ptr<input::ArrayCutter> values_;
    bool read_all_ = false;
    std::uint64_t blank_lines_ = 0;  // Of lines.
    std::uint64_t last_row_ = 0;     // Its line.
    bool only_looks_ = true;         // No row was given out to be asked.
    std::optional<Row> ahead_;       // Read by `start`, not yet given out.
    std::string object_;             // A line of text as an object.
};

// A format as the job file calls it: `openai-batch`.
std::string_view name_of(Input::Format format);

}  // namespace skein::job
