// The observer of a job: reads its files from outside after each step and checks its promises. It
// parses the journal itself (line ends and a few words), so that it shares no bug with the product.
#pragma once
#include "crash/memory_disk.hpp"
#include "crash/plan.hpp"
#include "job/output/output_form.hpp"

#include <skein/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace skein::crash {

// Thrown for a broken promise; `what` names it.
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

    explicit Books(const Plan& plan)
        : plan_{plan}, form_{job::output_form({.format = plan.format})} {}

    // Reads new lines of the journal, which must never get shorter. The newest answer of a row
    // counts.
    void read_journal(const MemoryDisk& disk, TimePoint now);

    // Checks that OUT.part or OUT has the journal's lines in order, from the first row on. It may
    // be empty, if it gave its room to the journal.
    void read_output(const std::string& text);

    // The row gets no line in this life: it stays undone while the others go on.
    void leave_out(Sequence row) { left_out_.insert(row); }

    // From now on all records from before `moment` must survive a power cut.
    void expect_durable(TimePoint moment);

    // A new process begins. All records must still be there; after a power cut, all durable ones.
    void begin_life(const MemoryDisk& disk, bool power_was_cut, TimePoint now);

    // The valid record of a row; null if there is none.
    const Record* find(Sequence row) const;
    // What the output has before its rows, and of this record.
    std::string header() const { return job::header_of(form_); }
    std::string row_of_output(const Record& record) const;
    std::size_t known() const { return records_.size(); }
    std::size_t failed() const;
    std::uint64_t lost() const { return lost_; }  // Records lost by power cuts.

private:
    void add(std::string_view line, TimePoint now);

    const Plan& plan_;
    const job::OutputForm form_;
    std::map<std::uint64_t, Record> records_;  // By line of the input.
    std::set<std::uint64_t> durable_;
    std::size_t journal_read_ = 0;
    std::size_t output_read_ = 0;
    std::string expected_;  // Expected text of the output, as far as it has been read.
    Sequence next_row_ = 0;
    std::set<Sequence> left_out_;
    std::uint64_t lost_ = 0;
};

// File names of the job.
inline constexpr const char* journal_name = "out.jsonl.journal";
inline constexpr const char* output_name = "out.jsonl";
inline constexpr const char* part_name = "out.jsonl.part";

}  // namespace skein::crash
