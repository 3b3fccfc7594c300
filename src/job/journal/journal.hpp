#pragma once
#include "job/file/disk.hpp"
#include "job/journal/record.hpp"
#include "job/journal/record_ref.hpp"

#include <skein/error.hpp>
#include <skein/tally.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace skein::job {

// The journal of a run: a write-ahead log, to which every reply is appended in order of arrival. A
// row with a reply in it is not asked again unless the job says so, and the output is copied from
// it.
//
// The file is locked (`flock`) while this object lives, so that only one process uses it. Driven by
// one thread; another thread may sync the descriptor meanwhile. An append is all or nothing and may
// be tried again after a failure. A failed sync is final, because it is not known which data the
// kernel has dropped.
class Journal {
public:
    using WallTime = std::chrono::system_clock::time_point;

    enum class How : std::uint8_t {
        resume,     // Continue an existing journal; begin one if there is none.
        overwrite,  // Drop an existing journal and begin anew.
    };

    // A reply to be appended.
    struct Entry {
        std::uint64_t line = 0;
        std::uint64_t row_hash = 0;
        bool ok = false;
        std::string_view out{};  // The output line without its line feed; at most `max_out`.
        std::uint64_t request_hash = 0;
    };
    static constexpr std::size_t max_out = 256 * 1024 * 1024;

    // The result of reading an existing journal.
    struct Recovered {
        std::uint64_t records = 0;
        Spent spent{};          // Tokens and cost of all records.
        JobIdentity facts{};    // The job identity that was recorded last.
        bool is_of_one = true;  // All identities in the journal name the same input.
        std::string note{};     // The repair that was made, for the user; empty if none.
    };

    // Called for each reply, in the order of writing.
    using OnRecord = std::function<void(const Entry& entry, RecordRef place)>;

    // Opens and locks the journal. `facts` is the job identity to write if the journal is begun.
    // Fails if another process has the journal open, or if the file is no journal. The identity of
    // an existing journal is not compared here: see `recover`.
    static Expected<Journal, RunError> open(
        const std::string& path, const JobIdentity& facts, How how, const Disk& disk = {}
    );

    // A journal without a name in `folder`; the file disappears with the process.
    static Expected<Journal, RunError> anonymous(
        const std::string& folder, const JobIdentity& facts, const Disk& disk = {}
    );

    // Reads the records of earlier runs; must be called once, before the first append. A torn last
    // line is truncated away, because the earlier run may have been killed while it wrote. A bad
    // line before a good one is an error, because another program must have changed the file.
    Expected<Recovered, RunError> recover(const OnRecord& on_record);

    // Reads all replies a second time; only after `recover`.
    Done read_again(const OnRecord& on_record) const;

    // Appends a new job identity. The newest identity in the journal counts.
    Done change(const JobIdentity& facts);

    // Appends the entries in one write. Returns the location of each output line, in the order of
    // `entries`.
    Expected<std::vector<RecordRef>, RunError> append(std::span<const Entry> entries);

    // Forces all appended data to the disk; blocks.
    Done sync();

    // `sync` in two halves, for a sync on another thread. `begin_sync` is true if there is data to
    // sync; `end_sync` takes the result, 0 or an errno. Data appended in between belongs to the
    // next sync.
    bool begin_sync();
    Done end_sync(int error);

    // Reads `room.size()` bytes at `offset`; an error if there are fewer.
    Done read(std::uint64_t offset, std::span<char> room) const;

    // Sets the file time to now: a run begins, even if nothing is appended yet.
    void mark() { ::futimens(file_.descriptor(), nullptr); }
    // The last write of an earlier run, by the wall clock; nothing if the journal was begun anew.
    std::optional<WallTime> last_written() const { return last_written_; }

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }
    int descriptor() const { return file_.descriptor(); }

private:
    Journal(File file, std::string path, const Disk& disk)
        : file_{std::move(file)}, path_{std::move(path)}, disk_{disk} {}

    Done begin(const JobIdentity& facts);
    Done go_on(const JobIdentity& facts);
    Done write_header(const JobIdentity& facts);
    Done append_facts(const JobIdentity& facts);
    Done sync_name();
    Done write(std::string_view bytes);
    Done cut_to(std::uint64_t size);
    RunError fail_for_good(RunError error);

    File file_;
    std::string path_;
    Disk disk_;
    std::uint64_t size_ = 0;  // The end of the valid data.
    std::uint64_t header_end_ = 0;
    JobIdentity facts_;  // The identity in the first line.
    std::optional<WallTime> last_written_;
    bool recovered_ = false;
    bool unsynced_ = false;
    std::optional<RunError> failure_;  // Final: nothing is written after it.
    std::string batch_;
};

}  // namespace skein::job
