#pragma once
#include "input/text_check.hpp"

#include <csv.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// An incremental CSV parser (RFC 4180: quotes, doubled quotes, line ends within quotes). Turns each
// record into a JSON object of texts, with the first record as the names. For the delimiter see
// input/delimiter.hpp.
//
// Spaces belong to the fields, but not to the names. A column without a name is left out. After the
// last name only empty fields are allowed, as spreadsheets write them. A blank line is no record.
//
// Does no I/O: the caller puts bytes in with `room` and `filled`, then calls `end`, and takes
// records with `next`. Memory: one block and the current record; of a record longer than the limit
// only the beginning.
class CsvCutter {
public:
    struct Record {
        std::uint64_t number = 0;   // Counted from 1, without the record of names.
        std::uint64_t line = 0;     // The line where it begins, counted from 1.
        std::string_view object{};  // Valid until the next call of `next`.
        std::uint64_t length = 0;   // Bytes.
        bool too_long = false;      // If true, the object is empty.
        std::string problem{};      // Why the record cannot be used; empty if it can.
        bool unreadable = false;    // Invalid text; `problem` begins with `line:column: `.
    };

    struct Options {
        std::size_t block = 256 * 1024;
        char delimiter = '\0';    // 0: guess the delimiter.
        bool asks_blank = false;  // Treat a blank line as a record of one empty field.
    };

    explicit CsvCutter(std::size_t max_length) : CsvCutter{max_length, Options{}} {}
    CsvCutter(std::size_t max_length, Options options);
    ~CsvCutter();
    CsvCutter(const CsvCutter&) = delete;
    CsvCutter& operator=(const CsvCutter&) = delete;

    std::span<char> room();
    void filled(std::size_t bytes);
    void end() { ended_ = true; }

    std::optional<Record> next();

    // The names of the columns that have one. Known once `next` has seen the whole first record.
    const std::vector<std::string>& names() const { return names_; }
    const std::string& names_problem() const { return names_problem_; }  // Empty if there is none.

    char delimiter() const {
        return parser_.delim_char != 0 ? static_cast<char>(parser_.delim_char) : ',';
    }
    std::uint64_t blank_lines() const { return blank_lines_; }

private:
    static void field_ended(void* text, std::size_t length, void* self);
    static void record_ended(int, void* self);
    void on_field(std::string_view text) noexcept;
    bool begin();
    std::string_view rest() const;
    void advance(std::size_t bytes);
    void parse(std::string_view bytes);
    void take_blank(std::string_view bytes);
    void finish();
    void take_names();
    void name_columns();
    Record take();
    bool is_too_long() const { return length_ > max_; }
    std::string problem() const;
    void begin_record();

    std::size_t max_;
    Options options_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t filled_ = 0;
    std::string head_;         // The head of the file, collected until the delimiter is known.
    std::size_t head_at_ = 0;  // The position in `head_` from which it is parsed.
    bool has_begun_ = false;
    csv_parser parser_{};
    std::vector<std::string> columns_;  // All names, including empty ones.
    std::size_t named_end_ = 0;         // One after the last name that is not empty.
    std::vector<std::string> names_;
    std::string names_problem_;
    bool has_names_ = false;
    bool ended_ = false;
    bool finished_ = false;
    char last_ = '\0';  // The last byte that was parsed.
    std::uint64_t blank_lines_ = 0;
    input::TextCheck check_;

    // State of the current record.
    std::string object_;
    std::size_t fields_ = 0;
    std::size_t length_ = 0;
    std::uint64_t line_ = 0;
    bool whole_ = false;
    bool unclosed_ = false;
    bool has_text_behind_names_ = false;
    std::optional<input::TextCheck::Found> bad_;
    std::uint64_t number_ = 0;
};

}  // namespace skein::job
