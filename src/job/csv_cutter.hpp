#pragma once
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
// quotes), and makes each a JSON object of texts named by the first record. Spaces belong to the
// fields; records without any field are no records.
//
// Does not read: give it bytes by `room` and `filled`, then `end`, and ask by `next`. Holds a block
// and the record under way; of a record longer than the limit only the beginning.
class CsvCutter {
public:
    struct Record {
        std::uint64_t number = 0;   // Counted from 1; the names are not counted.
        std::string_view object{};  // Valid until the next call of `next`.
        std::uint64_t length = 0;   // In bytes.
        bool too_long = false;      // Then the object is empty.
        std::string problem{};      // Why it cannot be used; empty if it can.
    };

    explicit CsvCutter(std::size_t longest, std::size_t block = 256 * 1024);
    ~CsvCutter();
    CsvCutter(const CsvCutter&) = delete;
    CsvCutter& operator=(const CsvCutter&) = delete;

    std::span<char> room();
    void filled(std::size_t bytes);
    void end() { ended_ = true; }

    std::optional<Record> next();

    // Are the names known? They are after `next` was called with the first record whole.
    bool has_names() const { return has_names_; }
    const std::vector<std::string>& names() const { return names_; }
    const std::string& names_problem() const { return names_problem_; }  // Empty if there is none.

private:
    static void field_ended(void* text, std::size_t length, void* self);
    static void record_ended(int, void* self);
    void on_field(std::string_view text) noexcept;
    void skip_mark();
    void parse(std::string_view bytes);
    void finish();
    Record take();
    bool is_too_long() const { return length_ > longest_; }
    std::string problem() const;
    void begin_record();

    std::size_t longest_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t filled_ = 0;
    std::size_t mark_ = 0;  // Bytes of a byte order mark seen at the very beginning.
    csv_parser parser_{};
    std::vector<std::string> names_;
    std::string names_problem_;
    bool has_names_ = false;
    bool ended_ = false;
    bool finished_ = false;

    // Of the record under way.
    std::string object_;
    std::size_t fields_ = 0;
    std::size_t length_ = 0;
    bool whole_ = false;
    bool unclosed_ = false;
    std::uint64_t number_ = 0;
};

}  // namespace skein::job
