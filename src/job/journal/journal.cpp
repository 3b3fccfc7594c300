// The journal of a run, a write-ahead log: opening, recovery after a kill, appending, syncing.
//
// Invariant: up to `size_` the file holds whole, valid lines only. A failed append is truncated
// away, and a failed sync stops all writing. One thread; `begin_sync` and `end_sync` let another
// thread do the `fdatasync` in between.
#include "job/journal/journal.hpp"

#include "base/assert.hpp"
#include "job/journal/job_identity.hpp"
#include "job/journal/journal_file.hpp"
#include "job/journal/spent.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <utility>

namespace skein::job {
namespace {

// A larger buffer is given back after a batch, because one long answer would hold its memory for
// the rest of the run.
constexpr std::size_t max_kept = 16 * 1024 * 1024;

std::string bytes_text(std::uint64_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

Journal::WallTime wall_time(const timespec& time) {
    const auto since = std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    return Journal::WallTime{std::chrono::duration_cast<Journal::WallTime::duration>(since)};
}

std::string_view without_zeros(std::string_view text) {
    return text.substr(0, text.find_last_not_of('\0') + 1);
}

}  // namespace

Expected<Journal, RunError> Journal::open(
    const std::string& path, const JobIdentity& facts, How how, const Disk& disk
) {
    auto file = open_journal_file(path, disk);
    if (!file) return file.error();
    struct stat status {};
    if (disk.fstat(file->descriptor(), &status) != 0) return local_error("read", path, errno);
    Journal journal{std::move(*file), path, disk};
    journal.size_ = static_cast<std::uint64_t>(status.st_size);
    // An empty file is left by a kill between the creation and the header.
    const bool anew = how == How::overwrite || status.st_size == 0;
    if (auto done = anew ? journal.begin(facts) : journal.go_on(facts); !done) {
        return done.error();
    }
    // `recovered_` is set if the journal was begun anew. The time of the file counts only if the
    // header of an earlier run was found, because without a whole header no request had left.
    if (!journal.recovered_) journal.last_written_ = wall_time(status.st_mtim);
    return journal;
}

Expected<Journal, RunError> Journal::anonymous(
    const std::string& folder, const JobIdentity& facts, const Disk& disk
) {
    auto file = open_nameless_file(folder);
    if (!file) return file.error();
    Journal journal{std::move(*file), "the temporary journal in " + folder, disk};
    if (auto done = journal.write_header(facts); !done) return done.error();
    return journal;
}

Done Journal::begin(const JobIdentity& facts) {
    if (size_ > 0) {
        if (auto cut = cut_to(0); !cut) return cut;
    }
    if (auto written = write_header(facts); !written) return written;
    return sync_name();
}

// Without it a power cut could take the name of the file, and with it every reply.
Done Journal::sync_name() {
    if (const int error = sync_folder(disk_, folder_of(path_))) {
        return local_error("write the folder of", path_, error);
    }
    return {};
}

Done Journal::write_header(const JobIdentity& facts) {
    if (auto written = append_facts(facts); !written) return written;
    header_end_ = size_;
    facts_ = facts;
    recovered_ = true;
    return {};
}

Done Journal::append_facts(const JobIdentity& facts) {
    batch_.clear();
    append_header(batch_, facts);
    return write(batch_);
}

Done Journal::change(const JobIdentity& facts) {
    SKEIN_ASSERT(recovered_);
    return append_facts(facts);
}

// Continues an existing journal. A first line without a line feed is left by a kill in the first
// moment, or, as zero bytes, by a power cut: nothing is lost, and the journal is begun anew. A
// damaged first line with a line feed is an error, because the line feed may belong to a later
// record, so that a reply may be in these bytes.
Done Journal::go_on(const JobIdentity& facts) {
    FileLines lines{disk_, file_.descriptor(), max_out + 4096};
    const auto first = lines.next();
    if (lines.error() != 0) return local_error("read", path_, lines.error());
    const auto text = first->text;
    const auto before = first->ended ? read_header(text) : std::nullopt;
    if (!before) {
        const bool ours = text.starts_with(header_mark) ||
                          (!first->ended && header_mark.starts_with(without_zeros(text)));
        if (first->too_long || !ours) {
            return config_error(
                shown(path_) + " is not a journal of skein; move it away, or give another output"
            );
        }
        if (first->ended) {
            return RunError{.what = "the journal " + shown(path_) + " is damaged at offset 0"};
        }
        return begin(facts);
    }
    facts_ = *before;
    header_end_ = first->length + 1;
    unsynced_ = true;  // The earlier process may have been killed before its last sync.
    return sync_name();
}

namespace {

// A reply read from a line of the journal, and its location.
struct Reply {
    Journal::Entry entry;
    RecordRef place;
};

std::optional<Reply> reply_in(const LineCutter::Line& line) {
    const auto record = line.ended ? read_record(line.text) : std::nullopt;
    if (!record) return std::nullopt;
    return Reply{
        {.line = record->line,
         .row_hash = record->row_hash,
         .ok = record->ok,
         .out = line.text.substr(record->out_at, record->out_length),
         .request_hash = record->request_hash},
        RecordRef{
            line.offset + record->out_at,
            static_cast<std::uint32_t>(record->out_length),
            record->ok,
            record->row_hash}};
}

std::optional<JobIdentity> facts_in(const LineCutter::Line& line) {
    const bool may_be = line.ended && line.text.starts_with(header_mark);
    return may_be ? read_header(line.text) : std::nullopt;
}

}  // namespace

Expected<Journal::Recovered, RunError> Journal::recover(const OnRecord& on_record) {
    Recovered result{.facts = facts_};
    if (recovered_) return result;  // The journal has just been begun.
    FileLines lines{disk_, file_.descriptor(), max_out + 4096};
    std::optional<std::uint64_t> bad;
    while (const auto line = lines.next()) {
        if (line->offset < header_end_) continue;
        const auto reply = reply_in(*line);
        auto facts = reply ? std::nullopt : facts_in(*line);
        if (!reply && !facts) {
            bad = bad.value_or(line->offset);
            continue;
        }
        // A torn write can only be at the end. A bad line before a good one means that another
        // program changed the file, and cutting it off would lose good replies.
        if (bad) {
            return RunError{
                .what = "the journal " + shown(path_) + " is damaged at offset " +
                        std::to_string(*bad) + ", and good lines follow; it was not written so"};
        }
        if (facts) {
            // Line numbers identify rows only if all runs have read the same input.
            const auto before = value_of(result.facts, fact_of_input);
            result.is_of_one = result.is_of_one && value_of(*facts, fact_of_input) == before;
            result.facts = std::move(*facts);
            continue;
        }
        ++result.records;
        if (reply->entry.ok) add_spent(result.spent, reply->entry.out);
        on_record(reply->entry, reply->place);
    }
    if (lines.error() != 0) return local_error("read", path_, lines.error());
    size_ = lines.read();
    if (bad) {
        // Cut off before the first append, because a record behind a torn line would become a part
        // of it and be lost.
        const auto torn = size_ - *bad;
        if (auto cut = cut_to(*bad); !cut) return cut.error();
        result.note = "dropped the last " + bytes_text(torn) + " of " + shown(path_) +
                      ": a reply that was not written to its end";
    }
    recovered_ = true;
    return result;
}

// Every line is a header or a reply, because `recover` has refused or cut off all others.
Done Journal::read_again(const OnRecord& on_record) const {
    FileLines lines{disk_, file_.descriptor(), max_out + 4096};
    while (const auto line = lines.next()) {
        if (const auto reply = reply_in(*line)) on_record(reply->entry, reply->place);
    }
    if (lines.error() != 0) return local_error("read", path_, lines.error());
    return {};
}

Expected<std::vector<RecordRef>, RunError> Journal::append(std::span<const Entry> entries) {
    SKEIN_ASSERT(recovered_);
    std::vector<RecordRef> places;
    places.reserve(entries.size());
    if (batch_.capacity() > max_kept) std::string{}.swap(batch_);  // `= {}` would keep it.
    batch_.clear();
    for (const auto& entry : entries) {
        SKEIN_ASSERT(!entry.out.empty() && entry.out.size() <= max_out);
        const auto at = append_record(
            batch_, entry.line, entry.row_hash, entry.ok, entry.out, entry.request_hash
        );
        // The place is known before the write: the file is locked, so only this object appends.
        const auto length = static_cast<std::uint32_t>(entry.out.size());
        places.emplace_back(size_ + at, length, entry.ok, entry.row_hash);
    }
    if (auto written = write(batch_); !written) return written.error();
    return places;
}

// Writes all bytes or none: a partial write is truncated away, so that the next try begins at a
// clean end. If the truncation fails as well, the journal accepts no more writes.
Done Journal::write(std::string_view bytes) {
    if (failure_) return *failure_;
    const auto written = write_all(disk_, file_.descriptor(), bytes);
    if (written.bytes > 0) unsynced_ = true;
    if (written.error == 0) {
        size_ += bytes.size();
        return {};
    }
    auto error = local_error("write", path_, written.error);
    if (written.bytes == 0) return error;
    if (!cut_to(size_)) return fail_for_good(std::move(error));
    return error;
}

Done Journal::cut_to(std::uint64_t size) {
    if (const int error = truncate(disk_, file_.descriptor(), size)) {
        return local_error("shorten", path_, error);
    }
    size_ = size;
    return {};
}

Done Journal::sync() {
    if (failure_) return *failure_;
    return begin_sync() ? end_sync(sync_data(disk_, file_.descriptor())) : Done{};
}

// Cleared before the sync: bytes that are appended while it runs set it again, and belong to the
// next sync.
bool Journal::begin_sync() { return !failure_ && std::exchange(unsynced_, false); }

// A failed `fdatasync` is final: the kernel may have dropped the dirty pages and marked them clean,
// so that a second call would succeed without the data being on the disk.
Done Journal::end_sync(int error) {
    if (error == 0) return {};
    return fail_for_good(local_error("write to the disk", path_, error));
}

// Every later write and sync returns the same error.
RunError Journal::fail_for_good(RunError error) {
    failure_ = error;
    return error;
}

// Fewer bytes than asked for mean that another program has truncated the file.
Done Journal::read(std::uint64_t offset, std::span<char> room) const {
    int error = 0;
    const auto count = read_at(disk_, file_.descriptor(), room, offset, error);
    if (count == room.size()) return {};
    return local_error("read", path_, error != 0 ? error : ENODATA);
}

}  // namespace skein::job
