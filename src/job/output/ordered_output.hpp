#pragma once
#include "job/file/disk.hpp"
#include "job/journal/journal.hpp"
#include "job/journal/record_ref.hpp"
#include "job/output/moved_line.hpp"
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

// Writes output lines in the order of the input, however they come; or, if the job says so, as
// they come.
//
// A line that waits for its turn waits as a place in the journal and is copied from there, so that
// memory stays flat. The file is written as OUT.part and gets its name only when it is whole.
// Driven by one thread.
class OrderedOutput {
public:
    // Replaces an OUT.part that an earlier run has left: hence after the journal is locked. The
    // journal and the interrupt must outlive it, and stay where they are.
    static Expected<OrderedOutput, RunError> open(
        const Output& output,
        const Journal& journal,
        const Interrupt& interrupt,
        const Disk& disk = {}
    );

    // The line of the request with this number; they count from 0, without gaps. `at_hand` is its
    // text, for those who still have it. Nothing is written before `flush`.
    void put(
        std::uint64_t number, RecordRef place, std::string_view at_hand = {}, Moved moved = {}
    );

    // This request has no line.
    void skip(std::uint64_t number) { put(number, RecordRef{}); }

    // Writes all whose turn it is; to be called often, for until then they wait. If it fails it may
    // be tried again, and goes on where it was.
    Done flush();

    // Empties OUT.part because the journal needs its room; nothing more is written then, and the
    // next run makes it anew out of the journal. False if there is no part to be emptied.
    bool give_way();

    // After the last: the file gets its name. Nothing may be missing. A disk that failed to take
    // the file is not asked twice.
    Done finish();

    std::uint64_t written() const { return written_; }          // Lines that are out.
    std::size_t waiting() const { return waiting_.waiting(); }  // Lines whose turn it is not.

private:
    OrderedOutput(
        const Output& output, const Journal& journal, const Interrupt& interrupt, const Disk& disk
    );
    // A line that waits: where it lies, and where its row stands now.
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
    const Journal* journal_;
    const Interrupt* interrupt_;
    Disk disk_;
    File part_;             // Not open: standard output.
    bool is_pipe_ = false;  // Or something else that may block.
    bool is_terminal_ = false;
    ReorderBuffer<Waiting> waiting_;
    std::uint64_t lines_ = 0;   // In `text_`.
    std::string text_;          // Whose turn has come,
    std::vector<Waiting> due_;  // and after them those whose text lies in the journal,
    std::size_t loaded_ = 0;    // of which so many are in `text_`.
    std::vector<char> run_;
    std::uint64_t written_ = 0;
    bool gave_way_ = false;
    std::optional<RunError> failure_;
};

}  // namespace skein::job
