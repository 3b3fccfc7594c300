// What somebody knows of a job who looks at its files from outside, step by step, and what he holds
// the job to. Reads the journal by himself: line ends, and a few words.
#pragma once
#include "crash/memory_disk.hpp"
#include "crash/plan.hpp"

#include <skein/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace skein::crash {

// Thrown where a promise is broken; says which.
struct Broken {
    std::string what;
};
inline void must(bool holds, const std::string& what) {
    if (!holds) throw Broken{what};
}

class Books {
public:
    struct Record {
        std::string out;  // The output line.
        bool ok = false;
        TimePoint seen{};
    };

    explicit Books(const Plan& plan) : plan_{plan} {}

    // Reads what has come to the journal: no line may get shorter. The newest answer to a row
    // counts.
    void read_journal(const MemoryDisk& disk, TimePoint now);

    // OUT.part, or OUT, is what the journal says, line by line, from the first row on; or empty,
    // where it gave its room to the journal.
    void read_output(const std::string& text);

    // In this life the row has no line: it stays undone, and the others go on.
    void leave_out(Sequence row) { left_out_.insert(row); }

    // Everything that was in the journal before `moment` is on the disk now, whatever comes.
    void expect_durable(TimePoint moment);

    // A process has begun that can know no more than what the files say: what was there must be
    // there still, or, after the power was cut, what was durable.
    void begin_life(const MemoryDisk& disk, bool power_was_cut, TimePoint now);

    // Rows that are known, of which the reply counts.
    const Record* find(Sequence row) const;
    std::size_t known() const { return records_.size(); }
    std::size_t failed() const;
    std::uint64_t lost() const { return lost_; }  // Records that a power cut has taken.

private:
    void add(std::string_view line, TimePoint now);

    const Plan& plan_;
    std::map<std::uint64_t, Record> records_;  // By line of the input.
    std::set<std::uint64_t> durable_;
    std::size_t journal_read_ = 0;
    std::size_t output_read_ = 0;
    std::string expected_;  // Of the output, as far as it has been read.
    Sequence next_row_ = 0;
    std::set<Sequence> left_out_;
    std::uint64_t lost_ = 0;
};

// The journal and the output by name, as the job has them.
inline constexpr const char* journal_name = "out.jsonl.journal";
inline constexpr const char* output_name = "out.jsonl";
inline constexpr const char* part_name = "out.jsonl.part";

}  // namespace skein::crash
