// Finds the rows of a journal in an input that has changed.
//
// Rows are matched by a 64-bit hash of their content. The first pass over the input compares the
// bytes of each row and tells which rows are new and which are gone. A second pass runs only if
// rows seem to be gone: it compares the requests that the rows make. Runs on the thread of the run,
// before any request is sent.
#include "job/run/content.hpp"

#include "json/object.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace skein {
namespace {

constexpr std::size_t max_named = 3;

using HashOf = std::uint64_t job::Journal::Entry::*;

// Maps one hash of each reply (`hash`: of the row or of the request) to the number of its row. Only
// the newest valid reply of a row is added, because the journal may hold older replies to it. A
// reply without that hash, or not `wanted`, is left out.
template <class Wanted>
Expected<job::RowTable, RunError> table_of(const Opened& opened, HashOf hash, Wanted wanted) {
    job::RowTable table;
    const auto& index = opened.rows.index();
    auto read = opened.journal.read_again([&](const job::Journal::Entry& entry,
                                              const job::RecordRef& place) {
        const auto known = index.find(entry.line);
        const bool counts = known && known->offset() == place.offset();
        if (counts && entry.*hash != 0 && wanted(entry.line)) table.add(entry.*hash, entry.line);
    });
    if (!read) return read.error();
    table.sort();
    return table;
}

// Visits every row of the input.
template <class Visit>
job::Done for_each_row(const Input& input, const job::Interrupt& interrupt, Visit visit) {
    auto source = job::Source::open(input, &interrupt);
    if (!source) return source.error();
    for (;;) {
        const auto row = source->next();
        if (!row) return row.error();
        if (!*row) return {};
        visit(**row);
    }
}

// Rows of the journal found in the input, and the numbers of the rows that are gone from it.
struct Matched {
    job::RowTable by_row;
    job::RowTable by_request{};
    std::vector<std::uint64_t> gone{};
};

// Second pass: a row whose bytes are gone may only be written differently (other spaces, another
// order of fields) and still make the same request. Such a row keeps its reply.
job::Done match_requests(
    const Job& job,
    Preflight& preflight,
    const job::Interrupt& interrupt,
    const Opened& opened,
    Matched& matched
) {
    auto table = table_of(opened, &job::Journal::Entry::request_hash, [&](std::uint64_t number) {
        return std::ranges::binary_search(matched.gone, number);
    });
    if (!table) return table.error();
    if (table->is_empty()) return {};
    auto read = for_each_row(job.input, interrupt, [&](const job::Row& row) {
        // Rows matched by their bytes are taken first, because `RowTable` is a multiset: each reply
        // must serve one row only.
        if (matched.by_row.take(row.hash)) return;
        table->take(job::request_hash_of(preflight.builder->ask(row), row.line));
    });
    if (!read) return read;
    matched.by_row.keep_taken();
    table->keep_taken();
    // `keep_taken` has dropped the rows without a match, so these are the rows that were found.
    const auto found = table->not_taken();
    std::erase_if(matched.gone, [&](std::uint64_t number) {
        return std::ranges::binary_search(found, number);
    });
    matched.by_request = std::move(*table);
    return {};
}

// The `custom_id` of a row, read from its record in the journal; `row 17` if that cannot be read.
std::string name_of(const Opened& opened, std::uint64_t number) {
    const auto place = opened.rows.index().find(number);
    std::string out(place ? place->length() : 0, '\0');
    json::Object line;
    if (place && opened.journal.read(place->offset(), out) && !line.parse(out)) {
        const auto id = line.find("custom_id");
        if (id && json::is_string(*id)) return json::printable(json::said(*id), 80);
    }
    return "row " + std::to_string(number);
}

RunError gone_error(const Job& job, const Opened& opened, const std::vector<std::uint64_t>& gone) {
    const auto count = gone.size();
    auto what = std::to_string(count) + (count == 1 ? " row" : " rows") + " of the journal " +
                job::shown(opened.journal.path()) + (count == 1 ? " is" : " are") +
                " not in the input " + job::shown(job.input.file) + " any more: ";
    for (std::size_t i = 0; i < count && i < max_named; ++i) {
        what += (i == 0 ? "" : ", ") + name_of(opened, gone[i]);
    }
    if (count > max_named) what += " …";
    return job::config_error(
        what +
        " (a row that was edited counts as gone, and as a new one); give --allow-gone to go on "
        "without them, another output file to begin a new job, or --overwrite to ask every row anew"
    );
}

// Rows that an earlier run was allowed to lose (`gone_before`) need no second permission.
bool may_be_gone(const Job& job, const Opened& opened, std::uint64_t gone) {
    return gone == 0 || job.allow_gone || gone <= opened.gone_before;
}

}  // namespace

Expected<std::uint64_t, RunError> find_by_content(
    const Job& job,
    Preflight& preflight,
    const job::Interrupt& interrupt,
    bool same_requests,
    Opened& opened
) {
    auto table =
        table_of(opened, &job::Journal::Entry::row_hash, [](std::uint64_t) { return true; });
    if (!table) return table.error();
    Matched matched{.by_row = std::move(*table)};
    // Only a regular file can be read in advance. Rows of a stream are matched as they arrive, and
    // `gone_from_stream` finds the missing rows at its end.
    if (preflight.scan) {
        auto& by_row = matched.by_row;
        auto read =
            for_each_row(job.input, interrupt, [&](const job::Row& row) { by_row.take(row.hash); });
        if (!read) return read.error();
        matched.gone = by_row.not_taken();
        by_row.keep_taken();
        if (same_requests && !matched.gone.empty()) {
            auto done = match_requests(job, preflight, interrupt, opened, matched);
            if (!done) return done.error();
        }
        const auto& gone = matched.gone;
        if (!may_be_gone(job, opened, gone.size())) return gone_error(job, opened, gone);
        // The index forgets these rows, because the totals of the run must not count their replies.
        for (const auto number : gone) opened.rows.index().forget(number);
    }
    opened.rows.find_by(std::move(matched.by_row), std::move(matched.by_request));
    return matched.gone.size();
}

job::KnownRows::Match match_of(
    job::KnownRows& rows, job::RequestBuilder& builder, const job::Row& row
) {
    return rows.match(row.line, row.hash, [&] {
        return job::request_hash_of(builder.ask(row), row.line);
    });
}

std::optional<RunError> gone_from_stream(const Job& job, Opened& opened, bool has_asked) {
    if (!opened.rows.is_by_content()) return std::nullopt;
    const auto gone = opened.rows.by_content().not_taken();
    if (may_be_gone(job, opened, gone.size())) return std::nullopt;
    auto error = gone_error(job, opened, gone);
    // After the first request this is no longer a mistake of the configuration.
    if (has_asked) error.kind = RunError::Kind::local;
    return error;
}

}  // namespace skein
