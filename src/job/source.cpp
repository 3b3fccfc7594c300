#include "job/source.hpp"

#include "base/json_text.hpp"
#include "job/batch_row.hpp"
#include "job/json_object.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::job {
namespace {

using Format = Input::Format;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == text.npos; }

Format format_by_name(std::string_view file) {
    const auto ends = [&](std::string_view extension) {
        return file.size() > extension.size() &&
               std::ranges::equal(
                   file.substr(file.size() - extension.size()),
                   extension,
                   {},
                   [](char c) {
                       return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
                   }
               );
    };
    if (ends(".csv")) return Format::csv;
    if (ends(".txt")) return Format::text;
    return Format::automatic;
}

// A whole request names where it goes.
bool is_whole_request(std::string_view line) {
    JsonObject object;
    if (object.parse(line)) return false;
    return is_batch_row(object);
}

RunError interrupted(std::string_view name) {
    return {.kind = RunError::Kind::stopped, .what = "interrupted while reading " + shown(name)};
}

Expected<File, RunError> open_input(const Input& input) {
    if (input.file == "-") {
        File file{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
        if (!file.is_open()) return config_error(failure("read", "standard input", errno));
        return file;
    }
    // Not to block, should it be a pipe that nobody writes to: it is refused in a moment.
    File file{::open(input.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file.is_open()) return config_error(failure("read", input.file, errno));
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) {
        return config_error(failure("read", input.file, errno));
    }
    if (S_ISDIR(status.st_mode)) return config_error(failure("read", input.file, EISDIR));
    if (!S_ISREG(status.st_mode)) {
        return config_error(
            "the input " + shown(input.file) + " is not a regular file; give `-` and pipe it in"
        );
    }
    return file;
}

}  // namespace

Expected<Source, RunError> Source::open(
    const Input& input, const Interrupt* interrupt, std::size_t longest
) {
    auto file = open_input(input);
    if (!file) return file.error();
    return take(std::move(*file), input, interrupt, longest);
}

Expected<Source, RunError> Source::take(
    File file, const Input& input, const Interrupt* interrupt, std::size_t longest
) {
    return Source{std::move(file), input, interrupt, longest};
}

Source::Source(File file, const Input& input, const Interrupt* interrupt, std::size_t longest)
    : file_{std::move(file)},
      name_{input.file == "-" ? "standard input" : input.file},
      interrupt_{interrupt},
      longest_{longest},
      format_{input.format} {
    struct stat status {};
    can_block_ = ::fstat(file_.descriptor(), &status) != 0 || !S_ISREG(status.st_mode);
    if (format_ == Format::automatic) format_ = format_by_name(input.file);
}

std::vector<std::string> Source::fields() const {
    if (format_ == Format::text) return {"text"};
    return records_ ? records_->names() : std::vector<std::string>{};
}

Done Source::start() {
    if (started_) return {};
    started_ = true;
    if (format_ == Format::csv) {
        records_ = std::make_unique<CsvCutter>(longest_);
    } else {
        lines_ = std::make_unique<LineCutter>(longest_);
        if (format_ != Format::automatic) return {};
    }
    auto first = records_ ? next_record() : next_line();
    if (!first) return first.error();
    ahead_ = std::move(*first);
    if (records_) return check_names();
    detect(ahead_ ? ahead_->bytes : std::string_view{});
    return {};
}

// A file that calls itself JSON lines is never taken for text, however its first line looks: its
// rows are to fail rather than to be sent as they are.
void Source::detect(std::string_view first) {
    const auto begin = first.find_first_not_of(" \t");
    const bool is_json = name_.ends_with(".jsonl") || name_.ends_with(".ndjson") ||
                         begin == first.npos || first[begin] == '{';
    format_ = !is_json                  ? Format::text
              : is_whole_request(first) ? Format::openai_batch
                                        : Format::jsonl;
}

Done Source::check_names() const {
    if (!records_->names_problem().empty()) {
        return config_error(
            "the first line of " + shown(name_) +
            ", which names the columns, cannot be used: " + records_->names_problem()
        );
    }
    std::set<std::string_view> seen;
    for (const auto& name : records_->names()) {
        if (seen.insert(name).second) continue;
        return config_error(
            "two columns of " + shown(name_) + " are named `" + json::printable(name, 80) + "`"
        );
    }
    return {};
}

Expected<std::optional<Row>, RunError> Source::next(Rows rows) {
    if (auto started = start(); !started) return started.error();
    auto row = std::exchange(ahead_, std::nullopt);
    if (!row) {
        auto read = records_ ? next_record() : next_line();
        if (!read || !*read) return read;
        row = std::move(*read);
    }
    if (format_ == Format::text && row->problem.empty() && rows == Rows::as_objects) {
        row->made_here = true;
        object_ = R"({"text":)";
        json::append_string(object_, row->bytes);
        object_ += '}';
        row->bytes = object_;
    }
    return row;
}

Expected<std::optional<Row>, RunError> Source::next_line() {
    for (bool more = true; more;) {
        while (const auto line = lines_->next()) {
            auto text = line->text;
            if (line->number == 1 && text.starts_with(byte_order_mark)) {
                text.remove_prefix(byte_order_mark.size());
            }
            if (text.ends_with('\r')) text.remove_suffix(1);
            Row row{.line = line->number, .bytes = text, .hash = hash_of(text)};
            if (line->too_long) {
                row.hash = line->length;
                row.problem = "it is longer than " + size_shown(longest_);
            } else if (is_blank(text)) {
                continue;
            }
            return row;
        }
        if (auto read = refill(*lines_, more); !read) return read.error();
    }
    return std::optional<Row>{};
}

Expected<std::optional<Row>, RunError> Source::next_record() {
    for (bool more = true; more;) {
        if (auto record = records_->next()) {
            return Row{
                .line = record->number,
                .bytes = record->object,
                .hash = record->too_long ? record->length : hash_of(record->object),
                .problem = std::move(record->problem),
                .made_here = true,
            };
        }
        if (auto read = refill(*records_, more); !read) return read.error();
    }
    return std::optional<Row>{};
}

// Afterwards `more` is false if there was nothing left to give.
template <class Cutter>
Done Source::refill(Cutter& cutter, bool& more) {
    more = !read_all_;
    if (read_all_) return {};
    const auto room = cutter.room();
    if (before_reading_) before_reading_();
    for (;;) {
        if (can_block_ && !wait_for(file_.descriptor(), POLLIN, interrupt_)) {
            return interrupted(name_);
        }
        if (interrupt_ && interrupt_->raised()) return interrupted(name_);
        const auto count = ::read(file_.descriptor(), room.data(), room.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
        if (count < 0) return local_error("read", name_, errno);
        const auto bytes = static_cast<std::size_t>(count);
        hasher_.add({room.data(), bytes});
        cutter.filled(bytes);
        read_all_ = bytes == 0;
        if (read_all_) cutter.end();
        return {};
    }
}

}  // namespace skein::job
