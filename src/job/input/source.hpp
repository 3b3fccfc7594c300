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

// One input record. In every format `bytes` is the text of a JSON object, unless the line was no
// valid object.
struct Row {
    std::uint64_t line = 0;    // Line from 1, blank lines included. CSV: number of the record.
    std::string_view bytes{};  // Valid until the next call of `next`.
    std::uint64_t hash = 0;    // Hash of the line or of the record's object, with `as_objects`.
    std::string problem{};     // Why the row cannot be used; empty if it can.
    bool made_here = false;    // skein wrote the object itself, so it needs no validation.
    bool unreadable = false;   // Invalid text; such a row is never given out.
};

// The rows of an input, read one after the other. Memory for one row.
//
// In `jsonl` and in the formats of batch services each line is a JSON object. In `text` each line
// becomes
// {"text": …}. In `csv` each record becomes an object of texts. In `json` each value of the array
// is a row. Blank lines are counted and left out, unless `input.blank` says to ask them. A byte
// order mark, CRLF and a missing last line end are accepted. A row longer than 64 MB gets a
// `problem`. A binary file is refused (TextInput). CSV and text end with an error at the first
// invalid byte, because it is unknown how much of the file is damaged. Driven by one thread.
class Source {
public:
    static constexpr std::size_t max_row = 64 * 1024 * 1024;

    // Opens the input; `-` is standard input. Reads nothing yet. The interrupt may be null; it must
    // outlive this object.
    static Expected<Source, RunError> open(
        const Input& input, const Interrupt* interrupt = nullptr, std::size_t max_length = max_row
    );

    // The same for a file that is open already; `input.file` is its name in messages.
    static Expected<Source, RunError> take(
        File file, const Input& input, const Interrupt* interrupt, std::size_t max_length
    );

    // Reads as far as needed to know the format and the field names. Optional, because `next` does
    // it as well.
    Done start();

    // Sets a call to be made before each read, because a read of a stream may block.
    void before_reading(std::function<void()> call) {
        text_.from().file().before_reading(std::move(call));
    }

    // The format of the rows; not `automatic` after `start`.
    Input::Format format() const { return format_; }

    // The fields that every row has; empty for formats other than CSV and text.
    std::vector<std::string> fields() const;

    // The format and the packing, for a person: `csv, cut at ';', gzip`.
    std::string what() const;

    // The next row; nothing after the last one. With `as_they_are` a line of text is not turned
    // into an object and no hash is computed, for a caller that only scans.
    enum class Rows : std::uint8_t { as_objects, as_they_are };
    Expected<std::optional<Row>, RunError> next(Rows rows = Rows::as_objects);

    // The fingerprint of the text read so far, unpacked and as UTF-8.
    Fingerprint fingerprint() const { return hasher_.now(); }

    // Blank lines that were left out so far.
    std::uint64_t blank_lines() const;

private:
    Source(File file, const Input& input, const Interrupt* interrupt, std::size_t max_length);
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
    std::size_t max_;
    Input::Format format_;
    Input::Blank blank_;
    char delimiter_;
    bool started_ = false;
    Hasher hasher_;
    std::unique_ptr<LineCutter> lines_;
    std::unique_ptr<CsvCutter> records_;
    std::unique_ptr<input::ArrayCutter> values_;
    bool read_all_ = false;
    std::uint64_t blank_lines_ = 0;  // For formats other than CSV.
    std::uint64_t last_row_ = 0;     // Line of the row given out last.
    bool only_looks_ = true;         // No row was given out to be asked.
    std::optional<Row> ahead_;       // The first row, read by `start` and not given out yet.
    std::string object_;             // A line of text as an object.
};

// The name of a format in the job file: `openai-batch`.
std::string_view name_of(Input::Format format);

}  // namespace skein::job
