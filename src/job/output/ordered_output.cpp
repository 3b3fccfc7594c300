// Writes output lines in input order: a reorder buffer of record references, copied from the
// journal when their turn comes, in batches of 1 MiB.
//
// Invariant: lines leave in the order of their numbers, each once; OUT.part is renamed to OUT only
// when every line is in it and on the disk. Driven by one thread, the delivery thread.
#include "job/output/ordered_output.hpp"

#include "base/assert.hpp"
#include "job/output/output_check.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace skein::job {
namespace {

constexpr std::size_t batch = 1024 * 1024;
constexpr std::uint64_t widest_gap = 4096;  // Reading a smaller gap is cheaper than a second read.

// A descriptor of an unknown kind counts as one that may block, because an interruptible write is
// right for every kind.
bool may_block(const Disk& disk, int descriptor) {
    struct stat status {};
    return disk.fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode);
}

bool is_there(const Disk& disk, const std::string& path) {
    struct stat status {};
    return disk.lstat(path.c_str(), &status) == 0;
}

std::uint64_t end_of(const RecordRef& place) { return place.offset() + place.length(); }

}  // namespace

// The longest prefix of `lines` that one read can take, because they lie close together and in
// order in the journal.
std::span<const OrderedOutput::Waiting> OrderedOutput::run_of(std::span<const Waiting> lines) {
    std::size_t count = 1;
    while (count < lines.size()) {
        const auto& last = lines[count - 1].place;
        const auto& next = lines[count].place;
        const bool near =
            next.offset() >= end_of(last) && next.offset() - end_of(last) <= widest_gap;
        if (!near || end_of(next) - lines.front().place.offset() > batch) break;
        ++count;
    }
    return lines.first(count);
}

Expected<OrderedOutput, RunError> OrderedOutput::open(
    const Output& output, const Journal& journal, const Interrupt& interrupt, const Disk& disk
) {
    OrderedOutput made{output, journal, interrupt, disk};
    if (to_standard_output(output)) {
        made.is_pipe_ = may_block(disk, STDOUT_FILENO);
        made.is_terminal_ = ::isatty(STDOUT_FILENO) == 1;
    } else if (auto opened = made.open_part(); !opened) {
        return opened.error();
    }
    return made;
}

OrderedOutput::OrderedOutput(
    const Output& output, const Journal& journal, const Interrupt& interrupt, const Disk& disk
)
    : output_{output},
      form_{output_form(output)},
      journal_{&journal},
      interrupt_{&interrupt},
      disk_{disk},
      // Nothing is written before the first flush, so a kill within the header leaves a part that
      // the next run truncates.
      text_{header_of(form_)} {}

Done OrderedOutput::open_part() {
    const auto path = part_path(output_.file);
    // Not truncated by open: the kind of the file is checked first.
    constexpr int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    part_ = File{disk_.open(path.c_str(), flags, 0600), disk_};
    if (!part_.is_open()) return local_error("write", path, errno);
    if (may_block(disk_, part_.descriptor())) {
        return config_error(shown(path) + " is not a regular file");
    }
    if (const int error = truncate(disk_, part_.descriptor(), 0)) {
        return local_error("write", path, error);
    }
    // OUT.part beside OUT marks the output as being replaced by better replies. The mark must
    // survive a power cut, because the better replies are in the journal only; so the folder is
    // synced.
    if (!is_there(disk_, output_.file)) return {};
    if (const int error = sync_folder(disk_, folder_of(path))) {
        return local_error("write the folder of", path, error);
    }
    return {};
}

void OrderedOutput::put(
    std::uint64_t number, RecordRef place, std::string_view at_hand, Moved moved
) {
    if (output_.order == Output::Order::completion) {
        turn({place, moved}, at_hand);
        return;
    }
    // `at_hand` saves reading the line back from the journal, if its turn is now.
    const bool is_next = number == waiting_.oldest_missing();
    waiting_.put(number, {place, moved});
    while (const auto next = waiting_.next()) {
        turn(*next, is_next ? std::exchange(at_hand, {}) : std::string_view{});
    }
}

// Takes a line whose turn has come; a row without a record is left out. Text at hand is used only
// while no line waits in `due_`, because it would overtake that line.
void OrderedOutput::turn(const Waiting& line, std::string_view at_hand) {
    if (!line.place.exists() || gave_way_) return;
    if (due_.empty() && !at_hand.empty() && text_.size() < batch) {
        add_line(at_hand);
    } else {
        due_.push_back(line);
    }
}

// Files and pipes get every byte unchanged. On a terminal control characters are made harmless,
// because the text of a model must not control the terminal.
void OrderedOutput::add_line(std::string_view line) {
    if (is_terminal_) {
        std::string row;
        append_row(row, form_, line);
        text_ += form_.is_json() ? json::harmless(row) : json::printable(row, row.size());
    } else {
        append_row(text_, form_, line);
    }
    text_ += '\n';
    ends_.push_back(text_.size());
}

// Writes and loads in turns, so that about one batch of text is in memory. After a failure `text_`,
// `due_` and `loaded_` say where to go on: no line is lost or written twice.
Done OrderedOutput::flush() {
    for (;;) {
        if (auto written = write_text(); !written) return written;
        if (due_.empty()) return {};
        if (auto loaded = load_due(); !loaded) return loaded;
    }
}

Done OrderedOutput::load_due() {
    while (loaded_ < due_.size() && text_.size() < batch) {
        const auto lines = run_of(std::span{due_}.subspan(loaded_));
        const auto begin = lines.front().place.offset();
        run_.resize(static_cast<std::size_t>(end_of(lines.back().place) - begin));
        if (auto read = journal_->read(begin, run_); !read) return read;
        for (const auto& [place, moved] : lines) {
            const std::string_view line{run_.data() + (place.offset() - begin), place.length()};
            if (moved.exists()) {
                add_line(moved_line(line, moved));
            } else {
                add_line(line);
            }
        }
        loaded_ += lines.size();
    }
    if (loaded_ == due_.size()) {
        due_.clear();
        loaded_ = 0;
    }
    return {};
}

Done OrderedOutput::write_text() {
    if (text_.empty()) return {};
    const int descriptor = part_.is_open() ? part_.descriptor() : STDOUT_FILENO;
    const auto done = is_pipe_ ? write_all(disk_, descriptor, text_, *interrupt_)
                               : write_all(disk_, descriptor, text_);
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(done.bytes);
    // After a partial write only whole rows count as written. They are not counted by line feeds,
    // because a record of CSV may hold some.
    const auto first_left = std::ranges::upper_bound(ends_, done.bytes);
    written_ += static_cast<std::uint64_t>(first_left - ends_.begin());
    ends_.erase(ends_.begin(), first_left);
    for (auto& left : ends_) left -= done.bytes;
    text_.erase(text_.begin(), end);
    // One long line must not hold its memory for the rest of the run.
    if (text_.empty() && text_.capacity() > 16 * batch) std::string{}.swap(text_);
    if (done.error == 0) return {};
    if (done.error == ECANCELED) {
        return RunError{RunError::Kind::stopped, "interrupted while writing to standard output"};
    }
    if (part_.is_open()) return local_error("write", part_path(output_.file), done.error);
    if (done.error == EPIPE) return RunError{.what = "the reader of standard output went away"};
    return local_error("write", "to standard output", done.error);
}

// Keeps the file open and empty: its name still marks an output that is being replaced.
bool OrderedOutput::give_way() {
    if (gave_way_ || !part_.is_open()) return false;
    if (truncate(disk_, part_.descriptor(), 0) != 0) return false;
    gave_way_ = true;
    failure_ = RunError{.what = shown(part_path(output_.file)) + " gave its room to the journal"};
    std::string{}.swap(text_);
    ends_.clear();
    due_.clear();
    loaded_ = 0;
    return true;
}

Done OrderedOutput::finish() {
    if (failure_) return *failure_;
    if (auto flushed = flush(); !flushed) return flushed;
    SKEIN_ASSERT(waiting() == 0);
    if (!part_.is_open()) return {};
    const auto part = part_path(output_.file);
    // The data must be on the disk before the rename, or a power cut could leave an empty output.
    if (const int error = sync_data(disk_, part_.descriptor())) {
        failure_ = local_error("write to the disk", part, error);
        return *failure_;
    }
    return name_it();
}

Done OrderedOutput::name_it() {
    const auto part = part_path(output_.file);
    // Checked at the last moment, because rename replaces a file without a word. The rename itself
    // is atomic: a reader of OUT never sees a part of it.
    if (!output_.overwrite && is_there(disk_, output_.file)) {
        return RunError{
            .what = shown(output_.file) + " appeared while the job ran; its replies are in " +
                    shown(part)};
    }
    if (disk_.rename(part.c_str(), output_.file.c_str()) != 0) {
        return local_error("give its name to", output_.file, errno);
    }
    if (const int error = sync_folder(disk_, folder_of(output_.file))) {
        return local_error("write the folder of", output_.file, error);
    }
    return {};
}

}  // namespace skein::job
