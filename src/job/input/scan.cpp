// First pass over a regular input file: counts rows, takes the fingerprint and refuses duplicate
// ids.
//
// Duplicates are found by sorting 64-bit hashes; a collision is resolved by reading the suspicious
// rows again. Memory: 8 bytes for each row with its own id. Runs on the thread of the run.
#include "job/input/scan.hpp"

#include "input/text_check.hpp"
#include "job/input/maker_row.hpp"
#include "job/input/request_builder.hpp"
#include "job/input/row_fields.hpp"
#include "job/input/source.hpp"
#include "json/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace skein::job {
namespace {

// Computes the `custom_id` of each row as `RequestBuilder` will, but parses as few rows as
// possible.
class Names {
public:
    explicit Names(const Input& input) : is_usual_{input.id.empty()} {
        look_for(is_usual_ ? usual_id : input.id);
    }

    std::string_view field() const { return field_; }

    // Without `input.id` the format says which field names a row.
    void know(Input::Format format) {
        if (is_known_) return;
        is_known_ = true;
        if (is_usual_) look_for(id_field_of(format));
    }

    // Parses the row only if its bytes contain the field name or an escape sequence, because
    // parsing dominates the time of a scan.
    std::string of(const Row& row, bool& given) {
        given = false;
        const bool worth_it =
            row.problem.empty() && (is_escaped_ || row.bytes.find(last_name_) != row.bytes.npos ||
                                    row.bytes.find('\\') != row.bytes.npos);
        if (!worth_it || object_.parse(row.bytes)) return custom_id_of(row, nullptr);
        auto own = own_id(object_, field_);
        given = own.has_value();
        return own ? *std::move(own) : custom_id_of(row, nullptr);
    }

private:
    void look_for(std::string_view field) {
        field_ = field;
        last_name_ = field;
        last_name_.remove_prefix(std::min(last_name_.rfind('.') + 1, last_name_.size()));
        is_escaped_ = last_name_.find_first_of("\"\\/") != last_name_.npos;
    }

    const bool is_usual_;
    bool is_known_ = false;
    std::string_view field_;
    std::string_view last_name_;  // The last part of the path in `field_`.
    bool is_escaped_ = false;     // JSON may write this name with escape sequences.
    json::Object object_;
};

// Counts rows of JSON that are not UTF-8. Only these rows fail; the others are sent.
void look_for_unreadable(const Input& input, const Row& row, Scan& result) {
    if (row.made_here || !row.problem.empty() ||
        simdjson::validate_utf8(row.bytes.data(), row.bytes.size())) {
        return;
    }
    if (++result.unreadable > 1) return;
    const auto bad = input::first_bad_byte(row.bytes);
    if (!bad) return;
    const input::TextPlace place{row.line, input::characters(row.bytes.substr(0, bad->at)) + 1};
    result.first_unreadable =
        shown(input.file) + ":" + place.text() + ": " + input::words_for(*bad, row.bytes);
}

template <class Visit>
Expected<Source, RunError> for_each_row(
    const Input& input, const Interrupt* interrupt, Visit visit
) {
    auto source = Source::open(input, interrupt);
    if (!source) return source.error();
    if (auto started = source->start(); !started) return started.error();
    for (;;) {
        auto row = source->next(Source::Rows::as_they_are);
        if (!row) return row.error();
        if (!*row) return source;
        visit(*source, **row);
    }
}

// The hashes that occur more than once.
std::vector<std::uint64_t> repeated(std::vector<std::uint64_t> hashes) {
    std::ranges::sort(hashes);
    std::vector<std::uint64_t> twice;
    for (std::size_t i = 1; i < hashes.size(); ++i) {
        if (hashes[i] == hashes[i - 1] && (twice.empty() || twice.back() != hashes[i])) {
            twice.push_back(hashes[i]);
        }
    }
    return twice;
}

// Equal hashes may be a collision. So the file is read again, and the names of the suspicious rows
// are compared in full.
Done refuse_duplicates(
    const Input& input, const Interrupt* interrupt, const std::vector<std::uint64_t>& suspects
) {
    Names names{input};
    std::map<std::string, std::uint64_t> first_lines;
    std::optional<RunError> found;
    const auto read = for_each_row(input, interrupt, [&](const Source& from, const Row& row) {
        names.know(from.format());
        bool given = false;
        auto name = names.of(row, given);
        // A visit cannot end the pass, so the rows after the first duplicate are only skipped.
        if (found || !std::ranges::binary_search(suspects, hash_of(name))) return;
        const auto shown_name = json::printable(name, 80);
        const auto [first, is_new] = first_lines.emplace(std::move(name), row.line);
        if (is_new) return;
        found = config_error(
            "lines " + std::to_string(first->second) + " and " + std::to_string(row.line) + " of " +
            shown(input.file) + " have the same " + std::string{names.field()} + " `" + shown_name +
            "`; each line needs its own" + (input.id.empty() ? "" : ", or input.id another field")
        );
    });
    if (!read) return read.error();
    if (found) return std::move(*found);
    return {};
}

}  // namespace

Expected<Scan, RunError> scan(const Input& input, const Interrupt* interrupt) {
    Scan result;
    Names names{input};
    std::vector<std::uint64_t> hashes;  // 8 bytes for each row with its own id.
    bool like_ours = false;
    const auto source = for_each_row(input, interrupt, [&](const Source& from, const Row& row) {
        ++result.rows;
        look_for_unreadable(input, row, result);
        // Lines of text are named by their numbers, which cannot repeat.
        if (from.format() == Input::Format::text) return;
        names.know(from.format());
        bool given = false;
        const auto name = names.of(row, given);
        if (!given) return;
        hashes.push_back(hash_of(name));
        like_ours = like_ours || name.starts_with("line-");
    });
    if (!source) return source.error();
    // A row's own id such as `line-17` may be equal to the name that skein gives another row. Then
    // all names are compared.
    if (like_ours) {
        hashes.clear();
        const auto again = for_each_row(input, interrupt, [&](const Source&, const Row& row) {
            bool given = false;
            hashes.push_back(hash_of(names.of(row, given)));
        });
        if (!again) return again.error();
    }
    const auto suspects = repeated(std::move(hashes));
    if (!suspects.empty()) {
        auto unique = refuse_duplicates(input, interrupt, suspects);
        if (!unique) return unique.error();
    }
    result.fingerprint = source->fingerprint();
    result.format = source->format();
    result.fields = source->fields();
    result.what = source->what();
    result.blank_lines = source->blank_lines();
    return result;
}

}  // namespace skein::job
