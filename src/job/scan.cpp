#include "job/scan.hpp"

#include "base/json_text.hpp"
#include "job/asker.hpp"
#include "job/source.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace skein::job {
namespace {

// Names what rows are called, as the asker will.
class Names {
public:
    // Parses only where there may be something to find.
    std::string of(const Row& row, bool& given) {
        given = false;
        const bool worth_it =
            row.problem.empty() && (row.bytes.find("custom_id") != row.bytes.npos ||
                                    row.bytes.find("\\u") != row.bytes.npos);
        if (!worth_it || object_.parse(row.bytes)) return custom_id_of(row, nullptr);
        const auto id = object_.find("custom_id");
        given = id && is_string(*id);
        return custom_id_of(row, &object_);
    }

private:
    JsonObject object_;
};

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

// The hashes that are there more than once.
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

// Two hashes may be alike by chance, two names not: the rows in question are read again.
Done refuse_duplicates(
    const Input& input, const Interrupt* interrupt, const std::vector<std::uint64_t>& suspects
) {
    Names names;
    std::map<std::string, std::uint64_t> first_lines;
    std::optional<RunError> found;
    const auto read = for_each_row(input, interrupt, [&](const Source&, const Row& row) {
        bool given = false;
        auto name = names.of(row, given);
        if (found || !std::ranges::binary_search(suspects, hash_of(name))) return;
        const auto shown_name = json::printable(name, 80);
        const auto [first, is_new] = first_lines.emplace(std::move(name), row.line);
        if (is_new) return;
        found = config_error(
            "lines " + std::to_string(first->second) + " and " + std::to_string(row.line) + " of " +
            shown(input.file) + " have the same custom_id `" + shown_name +
            "`; each line needs its own"
        );
    });
    if (!read) return read.error();
    if (found) return std::move(*found);
    return {};
}

}  // namespace

Expected<Scan, RunError> scan(const Input& input, const Interrupt* interrupt) {
    Scan result;
    Names names;
    std::vector<std::uint64_t> hashes;  // Eight bytes a row, of those that have names of their own.
    bool like_ours = false;
    const auto source = for_each_row(input, interrupt, [&](const Source& from, const Row& row) {
        ++result.rows;
        if (from.format() == Input::Format::text) return;
        bool given = false;
        const auto name = names.of(row, given);
        if (!given) return;
        hashes.push_back(hash_of(name));
        like_ours = like_ours || name.starts_with("line-");
    });
    if (!source) return source.error();
    if (like_ours) {  // A row may have been given the name that another gets from us.
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
    return result;
}

}  // namespace skein::job
