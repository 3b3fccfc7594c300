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

// The truth about a run: every reply, in the order they came, in a file that only grows. What is
// in it is never asked again; the output is made of it.
//
// One process at a time: the file is locked while this lives. Driven by one thread, which may let
// another one sync the descriptor meanwhile. Each append is one write; if it fails nothing of it
// stays, and it may be tried again. A failed sync is final, for nobody knows what the system has
// dropped.
class Journal {
public:
    using WallTime = std::chrono::system_clock::time_point;

    enum class How : std::uint8_t {
        resume,     // Go on with a journal of the same job, if there is one.
        overwrite,  // Begin anew.
    };

    // A reply to be written down.
    struct Entry {
        std::uint64_t line = 0;
        std::uint64_t row_hash = 0;
        bool ok = false;
        std::string_view out{};  // The output line, without its end. At most `longest_out`.
        std::uint64_t request_hash = 0;
    };
    static constexpr std::size_t longest_out = 256 * 1024 * 1024;

    // What was found when the journal was read.
    struct Recovered {
        std::uint64_t records = 0;
        Spent spent{};          // By all of them.
        JobIdentity facts{};    // Which job it is of, as said last.
        bool is_of_one = true;  // One input: no other was named before.
        std::string note{};     // What was repaired, for the user; empty if nothing.
    };

    // Told of each reply, in the order they were written.
    using OnRecord = std::function<void(const Entry& entry, RecordRef place)>;

    // `facts` say which job it is, should the journal be begun. One that another process has open
    // is refused, and a file that is no journal. Of which job it is `recover` tells.
    static Expected<Journal, RunError> open(
        const std::string& path, const JobIdentity& facts, How how, const Disk& disk = {}
    );

    // A journal without a name in `folder`, which goes away with the process.
    static Expected<Journal, RunError> anonymous(
        const std::string& folder, const JobIdentity& facts, const Disk& disk = {}
    );

    // Reads what an earlier run has left; to be called once, before the first append. A last line
    // that is not whole is cut off, for the run may have been killed while it wrote. A bad line
    // before a good one is an error: something else has been at the file.
    Expected<Recovered, RunError> recover(const OnRecord& on_record);

    // Reads the replies once more, after `recover`.
    Done read_again(const OnRecord& on_record) const;

    // From here on it is the journal of a job with these facts.
    Done change(const JobIdentity& facts);

    // Where each output line lies now, in the order of `entries`.
    Expected<std::vector<RecordRef>, RunError> append(std::span<const Entry> entries);

    // Returns when everything is on the disk.
    Done sync();

    // The same in two halves, for a sync on another thread: true if there is anything to sync, and
    // later what came of it (0 or an errno). What is appended in between is for the next one.
    bool begin_sync();
    Done end_sync(int error);

    // Bytes of the journal, as many as `room` takes.
    Done read(std::uint64_t offset, std::span<char> room) const;

    // A run begins: the file is as of now, although nothing has been written to it yet.
    void mark() { ::futimens(file_.descriptor(), nullptr); }
    // When an earlier run last wrote to it, by the wall clock; nothing if it was begun anew.
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
    std::uint64_t size_ = 0;  // Up to here everything is good.
    std::uint64_t header_end_ = 0;
    JobIdentity facts_;  // Of the first line.
    std::optional<WallTime> last_written_;
    bool recovered_ = false;
    bool unsynced_ = false;
    std::optional<RunError> failure_;  // After this, nothing more is written.
    std::string batch_;
};

}  // namespace skein::job
