// How the journal is written down: one line per reply, each with a check sum of itself, after a
// first line that says which job it is of. A run whose input or settings differ from that adds such
// a line of its own before its replies; the newest one counts.
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

// Something that, were it different, would make different replies: ("model", "small").
struct Fact {
    std::string name{};
    std::string value{};

    bool operator==(const Fact&) const = default;
};
using JobIdentity = std::vector<Fact>;

struct Record {
    // The row's number, from 1 to `last_line`: the line of the input where it first stood. A row
    // that was added to the input later has a number behind all others.
    std::uint64_t line = 0;
    std::uint64_t row_hash = 0;
    std::uint64_t request_hash = 0;  // Of what was asked, `request_hash_of`; 0 if that is not told.
    bool ok = false;
    std::size_t out_at = 0;  // Where in the record the output line begins.
    std::size_t out_length = 0;
};

// Larger numbers are nobody's.
inline constexpr std::uint64_t last_line = std::uint64_t{1} << 40;

// The first bytes of every journal, with which no other file begins.
inline constexpr std::string_view header_mark = R"({"v":1,"skein":"journal",)";

// Both append a whole line, its end included.
void append_header(std::string& out, const JobIdentity& facts);
// Returns where in `out` the output line begins.
std::size_t append_record(
    std::string& out,
    std::uint64_t line,
    std::uint64_t row_hash,
    bool ok,
    std::string_view line_out,
    std::uint64_t request_hash = 0
);

// Nothing, if the line (without its end) is not whole, or its check sum is not right.
std::optional<JobIdentity> read_header(std::string_view line);
std::optional<Record> read_record(std::string_view line);

// What changed, in words; nothing if nothing did.
std::optional<std::string> difference(const JobIdentity& before, const JobIdentity& now);

// The value of the fact with this name; empty if there is none.
std::string_view value_of(const JobIdentity& facts, std::string_view name);

}  // namespace skein::job
