/// A job: a YAML file that names the input, the endpoints, and the output.
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

/// The input: one request per row. A file compressed by gzip or zstd is decompressed while it is
/// read.
struct Input {
    /// `json` is one list of objects. Later versions may add formats.
    enum class Format : std::uint8_t {
        automatic,
        openai_batch,
        anthropic_batch,
        gemini_batch,
        mistral_batch,
        jsonl,
        csv,
        text,
        json
    };
    enum class Blank : std::uint8_t { skip, ask };
    std::string file{};  ///< A path, or `-` for standard input.
    Format format = Format::automatic;
    /// The character encoding, by a name that iconv(3) knows. Empty: UTF-8. A byte order mark in
    /// the file wins over this setting.
    std::string encoding{};
    char delimiter = '\0';  ///< Of CSV, one ASCII character. 0: detected in the header line.
    /// The field whose value identifies a row, in place of `custom_id`; a row without it fails.
    /// Empty: `custom_id`, or `line-17` for a row without one. A number is kept as it is written.
    std::string id{};
    Blank blank = Blank::skip;  ///< Blank lines are counted and skipped, or are rows.
};

/// The fields of an input row that are copied to its output line, into `skein.row`.
struct Keep {
    bool all = false;
    std::vector<std::string> fields{};  ///< If not `all`: these fields, if the row has them.

    bool any() const { return all || !fields.empty(); }
};

/// The output: one line per row.
struct Output {
    enum class Order : std::uint8_t { input, completion };
    /// When the journal (a write-ahead log) is forced to the disk by fdatasync. `none`: never; the
    /// journal still survives `kill -9`. `interval`: once a second, on its own thread; a power cut
    /// loses the last second and the duration of one sync. `each`: before a reply counts as done.
    enum class Durability : std::uint8_t { none, interval, each };
    /// The form of a line. `jsonl`: an object of the columns. `csv`: one header line, then a record
    /// per row. `text`: the text alone. The batch formats are those of the makers' batch services.
    enum class Format : std::uint8_t {
        openai_batch,
        anthropic_batch,
        gemini_batch,
        jsonl,
        csv,
        text
    };
    std::string file{};  ///< A path, or `-` for standard output.
    Order order = Order::input;
    bool timings = true;     ///< False omits durations, so that two outputs can be compared.
    bool overwrite = false;  ///< True: replaces output and journal of an earlier job.
    Durability durability = Durability::interval;
    Format format = Format::openai_batch;  ///< Part of the job's identity, as are the columns.
    /// For `jsonl` and `csv`: name and source of each column, in their order: `label` from `text`,
    /// `score` from `json.score`.
    std::vector<std::pair<std::string, std::string>> columns{};
    Keep keep{};  ///< Part of the job's identity: a run with another `keep` cannot resume it.
};

/// The number of failed rows after which one run stops. Both zero: the run does not stop.
struct MaxFailures {
    std::uint64_t count = 0;  ///< Number of failed rows. 0: no such limit.
    /// Share of the finished rows, 0 to 1: the run stops above it, once 100 rows have finished. 0:
    /// no such limit.
    double share = 0;
};

/// A job file that was read and checked.
struct Job {
    std::string file{};   ///< The path of the job file, for messages.
    Settings settings{};  ///< A run replaces `settings.window` by its own value.
    /// Maximum of requests admitted and not yet written to the output. May be large, because a
    /// reply that waits for its turn is an offset into the journal, 32 bytes.
    std::size_t window = 1'000'000;
    Input input{};
    std::string request{};  ///< The `request:` template as JSON text; empty if there is none.
    /// The position in the job file of the n-th string of `request`, counting member names, too,
    /// for messages: `job.yaml:14:16`. May be empty.
    std::function<std::string(std::size_t)> request_place{};
    Output output{};
    Duration grace = std::chrono::seconds{10};  ///< For requests in flight, after Ctrl-C.
    Duration timeout = Duration::zero();        ///< `timeouts.job`. Zero: no such limit.
    MaxFailures max_failures{};                 ///< `limits.max_failures`.
    bool retry_failed = false;  ///< Repeat the rows that failed for good in an earlier run.
    /// Repeat the rows whose output lines match one of these filters, answered rows included, and
    /// keep all others: `finish_reason=length`, `code=server_error,throttled`. The `request:` may
    /// then differ from that of the earlier run. The old answer stays until a newer one is in the
    /// journal.
    std::vector<std::string> retry{};
    /// True: go on although rows of an earlier run are missing from a changed input. Their replies
    /// stay in the journal. False: the run is refused, and the error names the rows.
    bool allow_gone = false;
    /// Warnings for the caller to show, one line each, such as a key file that is world-readable.
    std::vector<std::string> warnings{};
};

/// A value given outside the job file. `key` is dotted: `limits.in_flight`; an endpoint is selected
/// by its name: `endpoints.main.rpm`. `value` is a plain scalar, or YAML if it begins with one of
/// `{ [ " '`. `origin` is the name of its source in messages: `--set limits.in_flight`.
struct Override {
    std::string key{};
    std::string value{};
    std::string origin{};
};

/// Reads and checks a job file. A later override wins over an earlier one, overrides win over the
/// environment (`SKEIN_LIMITS_IN_FLIGHT=8` is `limits.in_flight: 8`), and the environment wins over
/// the file. Relative paths are relative to the job file. Reads environment variables for `${NAME}`
/// and key files, and sends nothing. May be called on any thread, as long as no other thread
/// changes the environment.
Expected<Job, ConfigError> load_job(
    const std::string& path, const std::vector<Override>& overrides = {}
);

/// The same for YAML text. `name` takes the place of the file name in messages, and relative paths
/// are relative to the current folder.
Expected<Job, ConfigError> parse_job(
    const std::string& text, const std::string& name, const std::vector<Override>& overrides = {}
);

}  // namespace skein
