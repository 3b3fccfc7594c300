/// A job: a YAML file that says what to ask, whom, and where the replies go.
#pragma once
#include <skein/error.hpp>
#include <skein/settings.hpp>
#include <skein/tally.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace skein {

/// What is asked. A file that is packed by gzip or zstd is unpacked while it is read.
struct Input {
    /// `json` is one list of objects. May grow.
    enum class Format : std::uint8_t { automatic, openai_batch, jsonl, csv, text, json };
    enum class Blank : std::uint8_t { skip, ask };
    std::string file{};  ///< A path, or `-` for standard input.
    Format format = Format::automatic;
    /// How the text is written, by a name that iconv(3) knows. Empty: UTF-8. A byte order mark
    /// counts for more.
    std::string encoding{};
    char delimiter = '\0';  ///< Of CSV, one ASCII character. 0: known by the file's header line.
    /// The field that names a row, in place of `custom_id`; a row without it fails. Empty:
    /// `custom_id`, and `line-17` for a row without one. A number is kept as it is written.
    std::string id{};
    Blank blank = Blank::skip;  ///< Blank lines: counted and left out, or rows like any other.
};

/// Which fields of a row its output line has, in `skein.row`.
struct Keep {
    bool all = false;
    std::vector<std::string> fields{};  ///< If not all: these, as far as a row has them.

    bool any() const { return all || !fields.empty(); }
};

struct Output {
    enum class Order : std::uint8_t { input, completion };
    /// When the journal is forced to the disk. `none` survives `kill -9`; `interval` (once a
    /// second, on a thread of its own) loses at a power cut the last second and what one sync
    /// takes; `each` waits for the disk before a reply counts as done.
    enum class Durability : std::uint8_t { none, interval, each };
    std::string file{};  ///< A path, or `-` for standard output.
    Order order = Order::input;
    bool timings = true;     ///< False leaves the times out, so that two runs can be compared.
    bool overwrite = false;  ///< True: an output and a journal of an earlier job are replaced.
    Durability durability = Durability::interval;
    Keep keep{};  ///< Part of what a job is: another `keep` is another job.
};

/// After how many failed rows of one run it stops. Both zero: it does not stop.
struct MaxFailures {
    std::uint64_t count = 0;  ///< So many failed rows.
    /// A larger share of the finished rows than this, once a hundred are finished. 0 to 1.
    double share = 0;
};

/// A checked job file.
struct Job {
    std::string file{};   ///< Where it came from, for messages.
    Settings settings{};  ///< `settings.window` is replaced by what a file job needs.
    /// Most requests admitted and not yet written. Replies that wait for their turn wait as
    /// offsets into the journal, 32 bytes each, so this may be large.
    std::size_t window = 1'000'000;
    Input input{};
    std::string request{};  ///< The `request:` template as JSON text; empty if there is none.
    /// Where the n-th text of `request`, names of members included, stands in the job file, for
    /// messages: `job.yaml:14:16`. May be empty.
    std::function<std::string(std::size_t)> request_place{};
    Output output{};
    Duration grace = std::chrono::seconds{10};  ///< After a first Ctrl-C, for what is in flight.
    Duration longest = Duration::zero();        ///< `timeouts.job`. Zero: no such limit.
    MaxFailures max_failures{};                 ///< `limits.max_failures`.
    bool retry_failed = false;  ///< Ask again what an earlier run of this job failed for good.
    /// Ask again the rows whose output lines fit one of these, also answered ones, and keep all
    /// others: `finish_reason=length`, `code=server_error,throttled`. The request may then differ
    /// from that of the earlier run. An answer stays until a newer one is in the journal.
    std::vector<std::string> retry{};
    /// The input has changed since an earlier run, and rows are gone from it: go on without them.
    /// Their replies stay in the journal. False: the run is refused, and the rows are named.
    bool allow_gone = false;
    /// What is allowed and yet unwise, such as a key file that everybody may read; one line each,
    /// for the caller to show.
    std::vector<std::string> warnings{};
};

/// A value given outside the job file. `key` is dotted (`limits.in_flight`, and for an endpoint its
/// name: `endpoints.main.rpm`). `value` is a plain scalar as it stands, or YAML if it begins with
/// one of `{ [ " '`. `origin` names it in messages (`--set limits.in_flight`).
struct Override {
    std::string key{};
    std::string value{};
    std::string origin{};
};

/// Reads and checks a job file. `overrides` count in their order, later ones win, and all win over
/// the environment (`SKEIN_LIMITS_IN_FLIGHT=8` is `limits.in_flight: 8`), which wins over the file.
/// Relative paths are relative to the file. Reads the environment for `${NAME}`, and key files;
/// sends nothing. Any thread, while no other changes the environment.
Expected<Job, ConfigError> load_job(
    const std::string& path, const std::vector<Override>& overrides = {}
);

/// The same of a text; `name` stands for the file in messages, and relative paths are relative to
/// the current folder.
Expected<Job, ConfigError> parse_job(
    const std::string& text, const std::string& name, const std::vector<Override>& overrides = {}
);

}  // namespace skein
