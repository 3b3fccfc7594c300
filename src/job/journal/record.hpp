// The format of the journal: one line of JSON for each reply, with a check sum (XXH3) at its end.
// The first line is a header with the identity of the job. A run whose input or settings differ
// appends a new header before its replies; the newest header counts.
//
//     {"v":1,"skein":"journal","facts":{"model":"small"},"xxh":"91c3a2f05d77e001"}
//     {"v":1,"i":17,"h":"8f0c…","q":"77a1…","ok":true,"out":{"id":"skein-17",…},"xxh":"0d41b7aa93c2f6e8"}
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// One part of the job identity: a name and a value such as ("model", "small"). Another value would
// lead to other replies.
struct Fact {
    std::string name{};
    std::string value{};

    bool operator==(const Fact&) const = default;
};
using JobIdentity = std::vector<Fact>;

struct Record {
    // The number of the row, from 1 to `last_line`: its line in the input when it was first asked.
    // A row that was added to the input later has a number after all others.
    std::uint64_t line = 0;
    std::uint64_t row_hash = 0;
    std::uint64_t request_hash = 0;  // `request_hash_of` the request; 0 if it is not recorded.
    bool ok = false;
    std::size_t out_at = 0;  // Offset of the output line in the record.
    std::size_t out_length = 0;
};

// The largest number of a row.
inline constexpr std::uint64_t last_line = std::uint64_t{1} << 40;

// The first bytes of every journal, by which the file is recognised.
inline constexpr std::string_view header_mark = R"({"v":1,"skein":"journal",)";

// Both append a whole line including its line feed.
void append_header(std::string& out, const JobIdentity& facts);
// Returns the offset of the output line in `out`.
std::size_t append_record(
    std::string& out,
    std::uint64_t line,
    std::uint64_t row_hash,
    bool ok,
    std::string_view line_out,
    std::uint64_t request_hash = 0
);

// Nothing if the line (without its line feed) is incomplete or its check sum is wrong.
std::optional<JobIdentity> read_header(std::string_view line);
std::optional<Record> read_record(std::string_view line);

// Describes the first difference in words; nothing if both are equal.
std::optional<std::string> difference(const JobIdentity& before, const JobIdentity& now);

// The value of the fact with this name; empty if there is none.
std::string_view value_of(const JobIdentity& facts, std::string_view name);

}  // namespace skein::job
