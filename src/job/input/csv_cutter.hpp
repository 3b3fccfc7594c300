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

// Cuts bytes into the records of a CSV file (RFC 4180: quotes, doubled quotes, line ends within
// quotes), and makes each a JSON object of texts named by the first record. What the columns are
// cut at: input/delimiter.hpp.
//
// Spaces belong to the fields, but not to the names. A column without a name is left out; behind
// the last name there may be empty fields only, as spreadsheets write them. Blank lines are no
// records.
//
// Does not read: give it bytes by `room` and `filled`, then `end`, and ask by `next`. Holds a block
// and the record under way; of a record longer than the limit only the beginning.
class CsvCutter {
public:
    struct Record {
        std::uint64_t number = 0;   // Counted from 1; the names are not counted.
        std::uint64_t line = 0;     // Where it begins, counted from 1.
        std::string_view object{};  // Valid until the next call of `next`.
        std::uint64_t length = 0;   // In bytes.
        bool too_long = false;      // Then the object is empty.
        std::string problem{};      // Why it cannot be used; empty if it can.
        bool unreadable = false;  // Its bytes are no text; the problem begins with `line:column: `.
    };

    struct Options {
        std::size_t block = 256 * 1024;
        char delimiter = '\0';    // 0: it is guessed.
        bool asks_blank = false;  // A blank line is a record of one empty field.
    };

    explicit CsvCutter(std::size_t longest) : CsvCutter{longest, Options{}} {}
    CsvCutter(std::size_t longest, Options options);
    ~CsvCutter();
    CsvCutter(const CsvCutter&) = delete;
    CsvCutter& operator=(const CsvCutter&) = delete;

    std::span<char> room();
    void filled(std::size_t bytes);
    void end() { ended_ = true; }

    std::optional<Record> next();

    // Known after `next` was called with the first record whole: of the columns that have one.
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
    bool is_too_long() const { return length_ > longest_; }
    std::string problem() const;
    void begin_record();

    std::size_t longest_;
    Options options_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t filled_ = 0;
    std::string head_;         // Of the file, until its delimiter is known,
    std::size_t head_at_ = 0;  // and then read from here.
    bool has_begun_ = false;
    csv_parser parser_{};
    std::vector<std::string> columns_;  // Names, empty ones too.
    std::size_t named_end_ = 0;         // Behind the last that is not empty.
    std::vector<std::string> names_;
    std::string names_problem_;
    bool has_names_ = false;
    bool ended_ = false;
    bool finished_ = false;
    char last_ = '\0';  // Of what was parsed.
    std::uint64_t blank_lines_ = 0;
    input::TextCheck check_;

    // Of the record under way.
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
