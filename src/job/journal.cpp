#include "job/journal.hpp"

#include "base/assert.hpp"
#include "job/line_cutter.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace skein::job {
namespace {

constexpr std::size_t longest_record = Journal::longest_out + 4096;
constexpr std::size_t most_kept = 16 * 1024 * 1024;
constexpr mode_t for_the_owner = 0600;

// The lines of a file from its beginning to its end.
class Lines {
public:
    Lines(const Disk& disk, int descriptor) : disk_{disk}, descriptor_{descriptor} {}

    // Nothing: that was the last, or `error()` is not 0.
    std::optional<LineCutter::Line> next() {
        for (;;) {
            if (auto line = cutter_.next()) return line;
            if (ended_ || error_ != 0) return std::nullopt;
            const auto room = cutter_.room();
            const auto count = read_at(disk_, descriptor_, room, read_, error_);
            cutter_.filled(count);
            read_ += count;
            ended_ = count < room.size();
            if (ended_ && error_ == 0) cutter_.end();
        }
    }

    int error() const { return error_; }
    std::uint64_t read() const { return read_; }

private:
    const Disk& disk_;
    int descriptor_;
    LineCutter cutter_{longest_record};
    std::uint64_t read_ = 0;
    int error_ = 0;
    bool ended_ = false;
};

Expected<File, RunError> open_journal(const std::string& path) {
    // Not to block, should it be a pipe.
    constexpr int flags =
        O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    File file{::open(path.c_str(), flags, for_the_owner)};
    if (!file.is_open() && errno == ELOOP) {
        return config_error("the journal " + shown(path) + " is a symbolic link, which is refused");
    }
    if (!file.is_open()) return config_error(failure("open the journal", path, errno));
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return config_error("the journal " + shown(path) + " is not a regular file");
    }
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK) return config_error(failure("lock the journal", path, errno));
    return config_error("another skein is running this job (" + shown(path) + " is locked)");
}

Expected<File, RunError> open_nameless(const std::string& folder) {
    File file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, for_the_owner)};
    if (file.is_open()) return file;
    auto name = folder + "/skein-journal-XXXXXX";  // Not every file system knows nameless files.
    file = File{::mkostemp(name.data(), O_APPEND | O_CLOEXEC)};
    if (!file.is_open()) return local_error("create a temporary file in", folder, errno);
    ::unlink(name.c_str());
    return file;
}

std::string bytes_text(std::uint64_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

}  // namespace

Expected<Journal, RunError> Journal::open(
    const std::string& path, const Facts& facts, How how, const Disk& disk
) {
    auto file = open_journal(path);
    if (!file) return file.error();
    struct stat status {};
    if (::fstat(file->descriptor(), &status) != 0) return local_error("read", path, errno);
    Journal journal{std::move(*file), path, disk};
    journal.size_ = static_cast<std::uint64_t>(status.st_size);
    const bool anew = how == How::overwrite || status.st_size == 0;
    if (auto done = anew ? journal.begin(facts) : journal.continue_with(facts); !done) {
        return done.error();
    }
    return journal;
}

Expected<Journal, RunError> Journal::anonymous(
    const std::string& folder, const Facts& facts, const Disk& disk
) {
    auto file = open_nameless(folder);
    if (!file) return file.error();
    Journal journal{std::move(*file), "the temporary journal in " + folder, disk};
    if (auto done = journal.write_header(facts); !done) return done.error();
    return journal;
}

Done Journal::begin(const Facts& facts) {
    if (size_ > 0) {
        if (auto cut = cut_to(0); !cut) return cut;
    }
    if (auto written = write_header(facts); !written) return written;
    if (const int error = sync_folder(folder_of(path_))) {
        return local_error("write the folder of", path_, error);
    }
    return {};
}

Done Journal::write_header(const Facts& facts) {
    batch_.clear();
    append_header(batch_, facts);
    if (auto written = write(batch_); !written) return written;
    header_end_ = size_;
    recovered_ = true;
    return {};
}

// A first line that is not whole, and the only one, is what a kill in the first moment leaves.
Done Journal::continue_with(const Facts& facts) {
    Lines lines{disk_, file_.descriptor()};
    const auto first = lines.next();
    if (lines.error() != 0) return local_error("read", path_, lines.error());
    const auto text = first->text;
    const auto before = first->ended ? read_header(text) : std::nullopt;
    if (!before) {
        const auto common = std::min(text.size(), header_mark.size());
        if (first->too_long || text.substr(0, common) != header_mark.substr(0, common)) {
            return config_error(
                shown(path_) + " is not a journal of skein; move it away, or give another output"
            );
        }
        if (first->ended && lines.next()) {
            return RunError{.what = "the journal " + shown(path_) + " is damaged at offset 0"};
        }
        return begin(facts);
    }
    if (const auto what = difference(*before, facts)) {
        return config_error(
            "the journal " + shown(path_) + " is of another job: " + *what +
            "; start a new job with another output file, or give overwrite"
        );
    }
    header_end_ = first->length + 1;
    return {};
}

Expected<Journal::Recovered, RunError> Journal::recover(
    const std::function<void(std::uint64_t, Place)>& on_record
) {
    Recovered result;
    if (recovered_) return result;  // It has just been begun.
    Lines lines{disk_, file_.descriptor()};
    std::optional<std::uint64_t> bad;
    while (const auto line = lines.next()) {
        if (line->offset < header_end_) continue;
        const auto record = line->ended ? read_record(line->text) : std::nullopt;
        if (!record) {
            bad = bad.value_or(line->offset);
            continue;
        }
        if (bad) {
            return RunError{
                .what = "the journal " + shown(path_) + " is damaged at offset " +
                        std::to_string(*bad) + ", and good lines follow; it was not written so"};
        }
        ++result.records;
        on_record(
            record->line,
            Place{
                line->offset + record->out_at,
                static_cast<std::uint32_t>(record->out_length),
                record->ok,
                record->row_hash}
        );
    }
    if (lines.error() != 0) return local_error("read", path_, lines.error());
    size_ = lines.read();
    if (bad) {
        const auto torn = size_ - *bad;
        if (auto cut = cut_to(*bad); !cut) return cut.error();
        result.note = "dropped the last " + bytes_text(torn) + " of " + shown(path_) +
                      ": a reply that was not written to its end";
    }
    recovered_ = true;
    return result;
}

Expected<std::vector<Place>, RunError> Journal::append(std::span<const Entry> entries) {
    SKEIN_ASSERT(recovered_);
    std::vector<Place> places;
    places.reserve(entries.size());
    if (batch_.capacity() > most_kept) batch_ = {};
    batch_.clear();
    for (const auto& entry : entries) {
        SKEIN_ASSERT(!entry.out.empty() && entry.out.size() <= longest_out);
        const auto at = append_record(batch_, entry.line, entry.row_hash, entry.ok, entry.out);
        const auto length = static_cast<std::uint32_t>(entry.out.size());
        places.emplace_back(size_ + at, length, entry.ok, entry.row_hash);
    }
    if (auto written = write(batch_); !written) return written.error();
    return places;
}

// All of it or nothing: what was begun is taken back, so that the next try finds a clean end.
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
    if (!unsynced_) return {};
    if (const int error = sync_data(disk_, file_.descriptor())) {
        return fail_for_good(local_error("write to the disk", path_, error));
    }
    unsynced_ = false;
    return {};
}

RunError Journal::fail_for_good(RunError error) {
    failure_ = error;
    return error;
}

Done Journal::read(std::uint64_t offset, std::span<char> room) const {
    int error = 0;
    const auto count = read_at(disk_, file_.descriptor(), room, offset, error);
    if (count == room.size()) return {};
    return local_error("read", path_, error != 0 ? error : ENODATA);
}

}  // namespace skein::job
