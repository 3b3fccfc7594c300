#pragma once
#include "job/file/disk.hpp"
#include "job/journal/journal.hpp"
#include "job/journal/record_ref.hpp"
#include "job/output/moved_line.hpp"
#include "job/output/output_form.hpp"
#include "job/output/reorder_buffer.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// Writes output lines in input order, or in order of completion if the job says so.
//
// A line that waits for its turn is held as a reference into the journal and copied from there, so
// that memory stays flat. The journal holds result lines; what is written is made from them in the
// form that the job asks for. The file is written as OUT.part and renamed when it is complete.
// Driven by one thread.
class OrderedOutput {
public:
    // Truncates an OUT.part that an earlier run has left; therefore call it after the journal is
    // locked. The journal and the interrupt must outlive this object and must not move.
    static Expected<OrderedOutput, RunError> open(
        const Output& output,
        const Journal& journal,
        const Interrupt& interrupt,
        const Disk& disk = {}
    );

    // Adds the line of the request with this number. Numbers count from 0 without gaps. `at_hand`:
    // the text of the line if the caller still has it. Nothing is written before `flush`.
    void put(
        std::uint64_t number, RecordRef place, std::string_view at_hand = {}, Moved moved = {}
    );

    // The request with this number has no line.
    void skip(std::uint64_t number) { put(number, RecordRef{}); }

    // Writes all lines whose turn has come. Call it often, because they wait in memory until then.
    // After a failure it may be called again and continues where it stopped.
    Done flush();

    // Truncates OUT.part because the journal needs the disk space. Nothing is written afterwards;
    // the next run makes the output from the journal. False if there is no part to truncate.
    bool give_way();

    // Call it after the last line, when no line is missing: syncs OUT.part and renames it. A failed
    // sync is final and is not tried again.
    Done finish();

    std::uint64_t written() const { return written_; }          // Lines that are written.
    std::size_t waiting() const { return waiting_.waiting(); }  // Lines that wait for their turn.

private:
    OrderedOutput(
        const Output& output, const Journal& journal, const Interrupt& interrupt, const Disk& disk
    );
    // A waiting line: its record in the journal and the present line of its row.
    struct Waiting {
        RecordRef place{};
        Moved moved{};
    };

    static std::span<const Waiting> run_of(std::span<const Waiting> lines);
    Done open_part();
    void turn(const Waiting& line, std::string_view at_hand);
    void add_line(std::string_view line);
    Done load_due();
    Done write_text();
    Done name_it();

    Output output_;
    OutputForm form_;
    const Journal* journal_;
    const Interrupt* interrupt_;
    Disk disk_;
    File part_;             // Not open for standard output.
    bool is_pipe_ = false;  // A pipe or another file that may block.
    bool is_terminal_ = false;
    ReorderBuffer<Waiting> waiting_;
    std::string text_;               // Lines whose turn has come, as text.
    std::vector<std::size_t> ends_;  // Where each of them ends in `text_`.
    std::vector<Waiting> due_;       // Lines after those, whose text is in the journal.
    std::size_t loaded_ = 0;         // Lines of `due_` that are in `text_` already.
    std::vector<char> run_;
    std::uint64_t written_ = 0;
    bool gave_way_ = false;
    std::optional<RunError> failure_;
};

}  // namespace skein::job
